import type { Socket } from "node:net";
import type { Clock, Logger } from "@tskube/base";
import { streamEnd } from "../fifo.ts";
import type { ContainerLog } from "./container-log.ts";
import { type LogStream, logStreams } from "./streams.ts";

/** How long the beginning of a line may wait for its end before it is written as a part. */
const unfinishedMs = 50;

/** Someone who follows a container's output as it comes (attach). */
export type OutputListener = (stream: LogStream, chunk: Buffer) => void;

/** A container's standard output and error on their way to its log and to whoever is attached. */
export interface ContainerOutput {
  /** Resolves when the container's side of both streams is closed and everything is in the log. */
  readonly ended: Promise<void>;
  listen(listener: OutputListener): () => void;
  close(): void;
}

export interface OutputDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Pumps the streams into `target` (absent: the container has no log file). Reading is what paces the container: nothing queues up here. */
export function pumpOutput(
  streams: Readonly<Record<LogStream, Socket>>,
  target: ContainerLog | undefined,
  { clock, log }: OutputDeps,
): ContainerOutput {
  const listeners = new Set<OutputListener>();
  let cancelFlush: (() => void) | undefined;

  const flushLater = () => {
    if (!target?.hasUnfinished || cancelFlush) return;
    cancelFlush = clock.after(unfinishedMs, () => {
      cancelFlush = undefined;
      attempt(() => target.flush());
    });
  };
  /** A full disk must not stop the container's other streams, nor the runtime. */
  const attempt = (write: () => void) => {
    try {
      write();
    } catch (error) {
      log.warn({ err: error }, "cannot write container log");
    }
  };
  const pump = (stream: LogStream) => {
    const socket = streams[stream];
    socket.on("data", (chunk: Buffer) => {
      attempt(() => target?.write(stream, chunk));
      for (const listener of listeners) listener(stream, chunk);
      flushLater();
    });
    socket.on("error", (error) => log.warn({ err: error, stream }, "cannot read container output"));
    return streamEnd(socket);
  };

  const ended = Promise.all(logStreams.map(pump)).then(() => {
    cancelFlush?.();
    attempt(() => target?.close());
  });
  return {
    ended,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      for (const stream of logStreams) streams[stream].destroy();
    },
  };
}
