import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { LiveContainer } from "../containers/live.ts";
import { writeFifo } from "../fifo.ts";
import type { LogStream } from "../logs/streams.ts";
import { endStream, type RemoteStreams } from "./remote-streams.ts";
import { exitStatus } from "./status.ts";
import { createResizer } from "./terminal.ts";

/** A client this far behind its container's output is cut off: the container does not wait for it. */
const maxBehindBytes = 4 << 20;

/** Connects a client with a running container until either is gone. */
export async function runAttachSession(container: LiveContainer, streams: RemoteStreams): Promise<void> {
  const stopListening = follow(container, streams);
  const stdin = streams.stdin && (await openStdin(container));
  if (stdin) streams.stdin?.pipe(stdin, { end: false });
  streams.onResize(
    createResizer(() =>
      readFile(join(container.dir, "tty"), "utf8").then(
        (name) => name.trim(),
        () => "",
      ),
    ),
  );
  const inputEnds = stdin && streams.stdin ? once(streams.stdin, "end") : new Promise<never>(() => {});
  void inputEnds.then(
    () => closeStdin(container, stdin),
    () => {},
  );
  const gone = streams.gone.aborted ? Promise.resolve() : once(streams.gone, "abort");
  await Promise.race([container.exited.promise, gone]);
  stopListening();
  closeStdin(container, stdin);
  await streams.finish(exitStatus(0));
}

function follow({ output }: LiveContainer, streams: RemoteStreams): () => void {
  const targets: Record<LogStream, Writable | undefined> = { stdout: streams.stdout, stderr: streams.stderr };
  const stop = output?.listen((stream, chunk) => {
    const target = targets[stream];
    if (!target || target.destroyed || target.writableEnded) return;
    target.write(chunk);
    if (target.writableLength > maxBehindBytes) {
      stop?.();
      void endStream(target);
    }
  });
  return () => stop?.();
}

/** A container that reads its input once has it open already; closing that is what ends its input. */
async function openStdin(container: LiveContainer): Promise<Writable | undefined> {
  const { config } = container.record;
  if (!config.stdin && !config.tty) return undefined;
  if (container.stdin) return container.stdin;
  const stdin = await writeFifo(join(container.dir, "in"));
  stdin.on("error", () => {});
  return stdin;
}

function closeStdin(container: LiveContainer, stdin: Writable | undefined): void {
  if (!stdin) return;
  if (container.stdin === stdin) container.stdin = undefined;
  stdin.destroy();
}
