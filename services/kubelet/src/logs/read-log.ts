import { watch } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { LogFormatter } from "./log-formatter.ts";
import type { LogOptions } from "./log-options.ts";
import { tailPosition } from "./tail.ts";

export interface LogSource {
  readonly path: string;
  /** Whether more may still be written: following ends when this is false and all has been read. */
  readonly isRunning: () => boolean;
}

const blockBytes = 64 * 1024;
/** File events come at once but may be missed; this also notices the end of the container. */
const pollMs = 1000;

/** The log as its reader wants it, in blocks. Follows through rotations: what was written to the old file is read before the new one. */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const formatter = new LogFormatter(options);
  let file = await open(source.path, "r");
  const changes = options.follow ? watchDirectory(source.path) : undefined;
  try {
    let position = options.tailLines === undefined ? 0 : await tailPosition(file, options.tailLines);
    for (;;) {
      const wasRunning = source.isRunning(); // before reading: what is written up to the end is then read too
      position = yield* readToEnd(file, position, formatter, signal);
      if (!changes || formatter.isFull || signal.aborted) return;
      const next = await rotated(source.path, file);
      if (next) {
        position = yield* readToEnd(file, position, formatter, signal);
        await file.close();
        file = next;
        position = 0;
        continue;
      }
      if (!wasRunning) return;
      await changes.next(signal);
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

async function* readToEnd(
  file: FileHandle,
  from: number,
  formatter: LogFormatter,
  signal: AbortSignal,
): AsyncGenerator<Buffer, number> {
  let position = from;
  while (!formatter.isFull && !signal.aborted) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const output = formatter.push(buffer.subarray(0, bytesRead));
    if (output.length > 0) yield output;
  }
  return position;
}

/** The new file when the log has been rotated away under its reader. */
async function rotated(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  const [current, ours] = await Promise.all([stat(path).catch(() => undefined), file.stat()]);
  if (!current || current.ino === ours.ino) return undefined;
  return open(path, "r").catch(() => undefined);
}

interface Changes {
  /** Resolves when the directory has changed since the last call, after a while, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}

function watchDirectory(path: string): Changes {
  let hasChanged = false;
  let wake = () => {};
  const watcher = watch(dirname(path), { persistent: false }, () => {
    hasChanged = true;
    wake();
  });
  watcher.on("error", () => {}); // the directory is gone: polling finds out
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          hasChanged = false;
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          wake = () => {};
          resolve();
        };
        const timer = setTimeout(done, pollMs);
        if (hasChanged || signal.aborted) return done();
        signal.addEventListener("abort", done, { once: true });
        wake = done;
      }),
    close: () => watcher.close(),
  };
}
