import { writeFileSync } from "node:fs";
import { busyboxImage, dockerArchive } from "@tskube/cri/testing";

/** Answers every request with its version and host name. A stop lets it finish: it serves on while proxies turn away from it. */
const startScript = (version: string) => `#!/bin/sh
mkdir -p /tmp/www
echo "kubia ${version} $(hostname)" > /tmp/www/index.html
echo "kubia ${version} is starting"
httpd -f -vv -p 8080 -h /tmp/www 2>&1 &
server=$!
trap 'echo stopping; sleep 2; kill $server; exit 0' TERM
wait $server
`;

export const demoImage = (version: string): string => `localhost/kubia:${version}`;

/** Writes the demo server's image as a docker-archive, made of this machine's own busybox. */
export async function writeDemoImage(path: string, version: string): Promise<void> {
  const base = busyboxImage([demoImage(version)]);
  const start = { name: "kubia", content: startScript(version), mode: 0o755 };
  writeFileSync(
    path,
    await dockerArchive({ ...base, layers: [...base.layers, [start]], config: { ...base.config, Cmd: ["/kubia"] } }),
  );
}
