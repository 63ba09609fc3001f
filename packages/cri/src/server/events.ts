import { once } from "node:events";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { cri } from "@tskube/proto-gen";
import { CriError } from "../error.ts";
import type { RuntimeService } from "../runtime.ts";

/** Sends the runtime's events until the client goes away, at the client's pace. */
export async function streamEvents(
  runtime: RuntimeService,
  call: ServerWritableStream<cri.GetEventsRequest, cri.ContainerEventResponse>,
): Promise<void> {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  try {
    for await (const event of runtime.containerEvents(gone.signal)) {
      if (!call.write(event)) await once(call, "drain", { signal: gone.signal });
    }
    call.end();
  } catch (error) {
    if (!gone.signal.aborted) call.emit("error", CriError.from(error).toGrpc());
  }
}
