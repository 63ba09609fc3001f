import { createHash } from "node:crypto";
import type { StoredImage } from "./image.ts";

const digest = `sha256:${createHash("sha256").update("tskube host image v1").digest("hex")}`;

/**
 * What a container of the image runs when it is told nothing: an HTTP server that answers with its host name, so that a first deployment
 * has something to show. It serves on for two seconds after SIGTERM, while proxies turn away from it.
 */
const demoServer = `
  const { createServer } = require("node:http");
  const { hostname } = require("node:os");
  const port = Number(process.env.PORT || 8080);
  const server = createServer((request, response) => {
    console.log(request.method, request.url, "from", request.socket.remoteAddress);
    response.end(hostname() + "\\n");
  });
  server.listen(port, () => console.log(hostname(), "listens on port", port));
  process.on("SIGTERM", () => setTimeout(() => process.exit(0), 2000));
`;

/**
 * The machine's own root file system as an image: containers of it see the node's programs and files as they are, and write into a layer of their own.
 * Other file systems mounted on the machine are not in it. Its digest never changes, whatever the machine's files do.
 */
export const hostImage: StoredImage = {
  id: digest,
  tags: ["localhost/host:latest", "docker.io/library/host:latest"],
  digests: [`localhost/host@${digest}`],
  sizeBytes: 0,
  config: {
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    Cmd: [process.execPath, "-e", demoServer],
    WorkingDir: "/",
  },
  layers: ["/"],
  pinned: true,
};
