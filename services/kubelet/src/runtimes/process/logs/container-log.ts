import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { formatLogTime, type LogStream } from "@tskube/cri";
import { formatEntries } from "./entries.ts";
import { Journal } from "./journal.ts";

/** Longest text that waits for the end of its line. */
const maxUnfinishedBytes = 16 * 1024;
/** An unfinished line is written as a part at once when it ends a chunk this large: its writer is busy, and memory is no safe place. */
const busyChunkBytes = 4 * 1024;
const newline = 10;
const logFileMode = 0o640;

export interface ContainerLogOptions {
  readonly path: string;
  /** Where a chunk on its way to the log is kept for a runtime that is killed meanwhile. */
  readonly journalPath: string;
  /** Milliseconds since the epoch, with a fraction if it can. */
  readonly now: () => number;
}

/**
 * A container's log file in the CRI format. Entries are written before `write` returns, so that nothing that was read from the container is only in memory,
 * except the beginning of a line that its writer has not finished: `flush` writes it as a part.
 */
export class ContainerLog {
  readonly #path: string;
  readonly #now: () => number;
  readonly #journal: Journal;
  readonly #unfinished = new Map<LogStream, Buffer>();
  #fd: number;
  #bytes: number;

  constructor({ path, journalPath, now }: ContainerLogOptions) {
    this.#path = path;
    this.#now = now;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openLog(path);
    this.#bytes = fstatSync(this.#fd).size;
    const { journal, interrupted } = Journal.open(journalPath);
    this.#journal = journal;
    if (!interrupted) return;
    if (interrupted.logBytes < this.#bytes) {
      ftruncateSync(this.#fd, interrupted.logBytes);
      this.#bytes = interrupted.logBytes;
    }
    this.write(interrupted.stream, interrupted.chunk);
  }

  get hasUnfinished(): boolean {
    return this.#unfinished.size > 0;
  }

  /** Appends what a container has written to one of its streams. */
  write(stream: LogStream, chunk: Buffer): void {
    const held = this.#unfinished.get(stream);
    const data = held ? Buffer.concat([held, chunk]) : chunk;
    this.#journal.begin(stream, data, this.#bytes);
    this.#unfinished.delete(stream);
    const end = data.lastIndexOf(newline) + 1;
    if (end > 0) this.#append(stream, data.subarray(0, end));
    if (end < data.length) this.#unfinished.set(stream, Buffer.from(data.subarray(end)));
    if (chunk.length >= busyChunkBytes || data.length - end >= maxUnfinishedBytes) this.#flushStream(stream);
    this.#journal.end();
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
    this.#bytes = fstatSync(fd).size;
  }

  close(): void {
    if (this.#fd < 0) return;
    this.flush();
    closeSync(this.#fd);
    this.#journal.close();
    this.#fd = -1;
  }

  #flushStream(stream: LogStream): void {
    const held = this.#unfinished.get(stream);
    this.#unfinished.delete(stream);
    if (held) this.#append(stream, held);
  }

  #append(stream: LogStream, data: Buffer): void {
    if (this.#fd < 0) return;
    const entries = formatEntries(data, formatLogTime(this.#now()), stream);
    for (let at = 0; at < entries.length; ) at += writeSync(this.#fd, entries, at);
    this.#bytes += entries.length;
  }
}

const openLog = (path: string): number => openSync(path, "a", logFileMode);
