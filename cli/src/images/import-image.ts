import { once } from "node:events";
import { createReadStream } from "node:fs";
import { type ClientWritableStream, credentials } from "@grpc/grpc-js";
import { images } from "@tskube/proto-gen";
import type { RuntimeName } from "../cluster/cluster-config.ts";
import { run } from "../system/run.ts";

export interface NodeRuntime {
  readonly runtime: RuntimeName;
  readonly socket: string;
}

/** Images of a large archive are unpacked before the runtime answers. */
const importTimeoutMs = 10 * 60 * 1000;

/** Loads a docker-archive or OCI-layout tarball into a node's runtime; returns the names of its images. */
export function importImage(node: NodeRuntime, file: string): Promise<string[]> {
  return node.runtime === "containerd"
    ? importIntoContainerd(node.socket, file)
    : importIntoProcessRuntime(node.socket, file);
}

/** Through containerd's own tool: CRI has no call for it. Kubernetes' images are in the namespace k8s.io. */
async function importIntoContainerd(socket: string, file: string): Promise<string[]> {
  const output = await run(["ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", file], {
    timeoutMs: importTimeoutMs,
  });
  return [...output.matchAll(/^unpacking (\S+)/gm)].flatMap((match) => match[1] ?? []);
}

async function importIntoProcessRuntime(socket: string, file: string): Promise<string[]> {
  const client = new images.ImageImportServiceClient(`unix://${socket}`, credentials.createInsecure());
  try {
    return await new Promise<string[]>((resolve, reject) => {
      const call = client.importImage({ deadline: Date.now() + importTimeoutMs }, (error, answer) => {
        if (error) reject(new Error(error.details || error.message));
        else resolve(answer.images.flatMap(({ refs, id }) => (refs.length > 0 ? refs : [id])));
      });
      // When sending fails, the call's own error says more than its broken stream.
      send(file, call).catch(() => call.cancel());
    });
  } finally {
    client.close();
  }
}

async function send(file: string, call: ClientWritableStream<images.ImportImageRequest>): Promise<void> {
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    if (!call.write({ chunk: chunk as Buffer, fallbackRef: "" })) await once(call, "drain");
  }
  call.end();
}
