import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { type LogStream, logStreams } from "./streams.ts";

/** What was read from a container while its way into the log was interrupted. */
export interface Interrupted {
  readonly stream: LogStream;
  readonly chunk: Buffer;
  /** Where the log file ended before; what it has beyond is a part of the chunk's entries. */
  readonly logBytes: number;
}

const headerBytes = 17;

/**
 * Keeps the chunk that is being written to a container's log. A chunk read from a FIFO exists nowhere else, and turning it into entries takes the longest
 * part of its way: a runtime killed meanwhile finds it here. Layout: stream (1 byte), log size and chunk length (8 bytes each), chunk; length 0 is "nothing".
 */
export class Journal {
  readonly #fd: number;
  readonly #header = Buffer.alloc(headerBytes);

  /** Opens the journal and returns what it holds of an interrupted write. */
  static open(path: string): { journal: Journal; interrupted: Interrupted | undefined } {
    const interrupted = readJournal(path);
    return { journal: new Journal(openSync(path, "w+", 0o600)), interrupted };
  }

  private constructor(fd: number) {
    this.#fd = fd;
  }

  begin(stream: LogStream, chunk: Buffer, logBytes: number): void {
    this.#header[0] = logStreams.indexOf(stream);
    this.#header.writeDoubleLE(logBytes, 1);
    this.#header.writeDoubleLE(chunk.length, 9);
    // The length comes last: a header that says how much there is stands before content that is there.
    writeSync(this.#fd, chunk, 0, chunk.length, headerBytes);
    writeSync(this.#fd, this.#header, 0, headerBytes, 0);
  }

  end(): void {
    this.#header.writeDoubleLE(0, 9);
    writeSync(this.#fd, this.#header, 0, headerBytes, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function readJournal(path: string): Interrupted | undefined {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    return undefined;
  }
  if (content.length < headerBytes) return undefined;
  const length = content.readDoubleLE(9);
  const stream = logStreams[content[0] ?? 0];
  if (length === 0 || !stream) return undefined;
  return { stream, chunk: content.subarray(headerBytes, headerBytes + length), logBytes: content.readDoubleLE(1) };
}
