import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pack } from "tar-stream";

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

interface Entry {
  readonly name: string;
  readonly data?: Buffer;
  readonly link?: string;
}

function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, data, link } of entries) {
    if (link) archive.entry({ name, type: "symlink", linkname: link });
    else if (data) archive.entry({ name, mode: 0o755 }, data);
    else archive.entry({ name, type: "directory", mode: 0o755 });
  }
  archive.finalize();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    archive.on("data", (chunk) => chunks.push(chunk as Buffer));
    archive.on("end", () => resolve(Buffer.concat(chunks)));
    archive.on("error", reject);
  });
}

/** A docker-archive with the machine's busybox, under the given names; `/pause` in it serves as the sandbox's process. */
export async function busyboxImage(names: readonly string[]): Promise<Buffer> {
  const applets = execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
  const layer = await tar([
    ...["bin", "etc", "tmp", "proc", "sys", "dev", "root"].map((name) => ({ name })),
    { name: "bin/busybox", data: readFileSync("/bin/busybox") },
    ...applets.filter((applet) => applet !== "busybox").map((applet) => ({ name: `bin/${applet}`, link: "busybox" })),
    { name: "etc/passwd", data: Buffer.from("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n") },
    { name: "pause", data: Buffer.from('#!/bin/sh\ntrap "exit 0" TERM INT\nwhile :; do sleep 3600 & wait $!; done\n') },
  ]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: { Env: ["PATH=/bin"], Cmd: ["/pause"], WorkingDir: "/" },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const configName = `${sha256(config)}.json`;
  const layerName = `${sha256(layer)}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: names, Layers: [layerName] }];
  return tar([
    { name: configName, data: config },
    { name: layerName, data: layer },
    { name: "manifest.json", data: Buffer.from(JSON.stringify(manifest)) },
  ]);
}
