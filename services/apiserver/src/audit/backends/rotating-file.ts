import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import { backupName, cleanBackups, type Retention } from "./log-backups.ts";
import type { Sink } from "./sink.ts";

export interface RotatingFileOptions extends Retention {
  readonly path: string;
  /** The file is moved away before it would grow beyond this. */
  readonly maxBytes: number;
}

/** Makes the file and its directory if they are missing; throws if it could not be written to. */
export async function ensureLogFile(path: string): Promise<void> {
  try {
    await (await openLogFile(path)).close();
  } catch (error) {
    throw new Error(`cannot open the audit log ${path}: ${errorMessage(error)}`, { cause: error });
  }
}

async function openLogFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return open(path, "a", 0o600);
}

export interface RotatingFileDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiting {
  readonly text: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A file that is appended to and rotated by size. Texts that arrive while a write is under way leave together in the next; a text is never split over
 * two files. Opened at the first write, readable by its owner only. What was moved away is cleaned up and compressed beside the writes.
 */
export function rotatingFile(options: RotatingFileOptions, { clock, logger }: RotatingFileDeps): Sink {
  const { path, maxBytes } = options;
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let cleaning = Promise.resolve();
  let file: { readonly handle: FileHandle; size: number } | undefined;

  async function opened(): Promise<{ readonly handle: FileHandle; size: number }> {
    if (file) return file;
    const handle = await openLogFile(path);
    file = { handle, size: (await handle.stat()).size };
    return file;
  }

  async function rotate(): Promise<void> {
    await file?.handle.close();
    file = undefined;
    await rename(path, await backupName(path, clock.now()));
    cleaning = cleaning.then(clean);
  }

  async function clean(): Promise<void> {
    try {
      await cleanBackups(path, options, clock.now());
    } catch (error) {
      logger.warn({ path, reason: errorMessage(error) }, "cannot clean up rotated audit logs");
    }
  }

  async function append(texts: readonly Buffer[]): Promise<void> {
    let chunk: Buffer[] = [];
    let { size } = await opened();
    for (const text of texts) {
      if (size > 0 && size + text.byteLength > maxBytes) {
        await flush(chunk);
        chunk = [];
        await rotate();
        size = (await opened()).size;
      }
      chunk.push(text);
      size += text.byteLength;
    }
    await flush(chunk);
  }

  async function flush(chunk: readonly Buffer[]): Promise<void> {
    const target = await opened();
    const bytes = Buffer.concat(chunk);
    // Not `appendFile`, which costs more than twice as much; a write may be cut short.
    for (let at = 0; at < bytes.byteLength; ) at += (await target.handle.write(bytes, at)).bytesWritten;
    target.size += bytes.byteLength;
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      try {
        await append(taken.map(({ text }) => text));
        for (const one of taken) one.resolve();
      } catch (error) {
        for (const one of taken) one.reject(error);
      }
    }
    running = undefined;
  }

  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text: Buffer.from(text), resolve, reject });
        running ??= drain();
      }),
    async close() {
      await running;
      await cleaning;
      await file?.handle.close();
      file = undefined;
    },
  };
}
