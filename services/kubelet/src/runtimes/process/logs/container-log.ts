import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { formatLogTime, type LogStream } from "@tskube/cri";

/** Longest text of one entry; a longer line is cut into parts, as other runtimes do. */
const maxEntryBytes = 16 * 1024;
/** An unfinished line is written as a part at once when it ends a chunk this large: its writer is busy, and memory is no safe place. */
const busyChunkBytes = 4 * 1024;
const newline = 10;
const logFileMode = 0o640;

/**
 * A container's log file in the CRI format. Entries are written before `write` returns, so that nothing that was read from the container is only in memory,
 * except the beginning of a line that its writer has not finished: `flush` writes it as a part.
 */
export class ContainerLog {
  readonly #path: string;
  readonly #now: () => number;
  readonly #unfinished = new Map<LogStream, Buffer>();
  #fd: number;

  /** `now` gives milliseconds since the epoch, with a fraction if it can. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openLog(path);
  }

  get hasUnfinished(): boolean {
    return this.#unfinished.size > 0;
  }

  /** Appends what a container has written to one of its streams. */
  write(stream: LogStream, chunk: Buffer): void {
    const held = this.#unfinished.get(stream);
    this.#unfinished.delete(stream);
    const data = held ? Buffer.concat([held, chunk]) : chunk;
    const prefixes = entryPrefixes(formatLogTime(this.#now()), stream);
    const pieces: Buffer[] = [];
    let start = 0;
    while (start < data.length) {
      const end = data.indexOf(newline, start);
      if (end < 0) break;
      pushLine(pieces, prefixes, data.subarray(start, end + 1));
      start = end + 1;
    }
    this.#append(pieces);
    if (start < data.length) this.#unfinished.set(stream, Buffer.from(data.subarray(start)));
    if (chunk.length >= busyChunkBytes || data.length - start >= maxEntryBytes) this.#flushStream(stream);
  }

  /** Writes unfinished lines as parts. */
  flush(): void {
    for (const stream of [...this.#unfinished.keys()]) this.#flushStream(stream);
  }

  /** Goes on in a new file of the same name; the old one has been renamed by whoever rotates. */
  reopen(): void {
    const fd = openLog(this.#path);
    closeSync(this.#fd);
    this.#fd = fd;
  }

  close(): void {
    if (this.#fd < 0) return;
    this.flush();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #flushStream(stream: LogStream): void {
    const held = this.#unfinished.get(stream);
    if (!held) return;
    this.#unfinished.delete(stream);
    const { part } = entryPrefixes(formatLogTime(this.#now()), stream);
    const pieces: Buffer[] = [];
    for (let at = 0; at < held.length; at += maxEntryBytes) {
      pieces.push(part, held.subarray(at, at + maxEntryBytes), lineEnd);
    }
    this.#append(pieces);
  }

  #append(pieces: Buffer[]): void {
    if (pieces.length === 0 || this.#fd < 0) return;
    const data = Buffer.concat(pieces);
    for (let at = 0; at < data.length; ) at += writeSync(this.#fd, data, at);
  }
}

interface EntryPrefixes {
  readonly whole: Buffer;
  readonly part: Buffer;
}

const lineEnd = Buffer.from("\n");

/** `line` ends with its newline. */
function pushLine(pieces: Buffer[], { whole, part }: EntryPrefixes, line: Buffer): void {
  let at = 0;
  for (; line.length - 1 - at > maxEntryBytes; at += maxEntryBytes) {
    pieces.push(part, line.subarray(at, at + maxEntryBytes), lineEnd);
  }
  pieces.push(whole, line.subarray(at));
}

function entryPrefixes(timestamp: string, stream: LogStream): EntryPrefixes {
  return { whole: Buffer.from(`${timestamp} ${stream} F `), part: Buffer.from(`${timestamp} ${stream} P `) };
}

const openLog = (path: string): number => openSync(path, "a", logFileMode);
