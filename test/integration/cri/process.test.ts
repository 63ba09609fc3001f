import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxImage, describeRuntime, dockerArchive } from "@tskube/cri/testing";
import { importArchive } from "./import-archive.ts";
import { cannotRun, startProcessNode } from "./process-runtime.ts";

const why = cannotRun();

/** The suite on the machine's own files, and on an image that was imported. */
async function make(image: string) {
  const node = await startProcessNode();
  if (image !== "host") {
    const archive = join(node.dir, "image.tar");
    await writeFile(archive, await dockerArchive(busyboxImage([image])));
    await importArchive(node.socket, createReadStream(archive));
  }
  return {
    client: node.client,
    image,
    logRoot: join(node.dir, "logs"),
    features: { events: true, processes: true },
    close: () => node.close(),
  };
}

if (why) it.skip(`process runtime (${why})`);
else {
  describeRuntime("process, image host", () => make("host"));
  describeRuntime("process, imported image", () => make("docker.io/library/busybox:1.36"));
}
