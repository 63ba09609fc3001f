import type { cri } from "@tskube/proto-gen";
import { CriError } from "../error.ts";

/** The server's event stream as an iterable; the reader's pace is the stream's (gRPC flow control bounds what waits in between). */
export async function* readEvents(
  client: cri.RuntimeServiceClient,
  signal: AbortSignal,
): AsyncGenerator<cri.ContainerEventResponse> {
  if (signal.aborted) return;
  const stream = client.getContainerEvents({});
  const cancel = () => stream.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for await (const event of stream) yield event;
  } catch (error) {
    if (!signal.aborted) throw CriError.from(error);
    return;
  } finally {
    signal.removeEventListener("abort", cancel);
    // Reached too when the reader breaks out of its loop. The cancelled call reports itself once more as an error that nobody awaits.
    stream.on("error", () => {});
    stream.cancel();
  }
  if (!signal.aborted) throw new CriError("UNAVAILABLE", "the runtime ended the event stream");
}
