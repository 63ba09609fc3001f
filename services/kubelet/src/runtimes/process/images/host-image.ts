import { createHash } from "node:crypto";
import type { StoredImage } from "./image.ts";

const digest = `sha256:${createHash("sha256").update("tskube host image v1").digest("hex")}`;

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
    Cmd: ["/bin/sh"],
    WorkingDir: "/",
  },
  layers: ["/"],
  pinned: true,
};
