import { parseCriLine } from "./cri-line.ts";
import type { LogOptions } from "./log-options.ts";

const newline = 0x0a;
const lineEnd = Buffer.from("\n");

/** Turns blocks of a log file into what its reader gets, across block borders. `isFull` once the reader's limit is reached. */
export class LogFormatter {
  readonly #options: LogOptions;
  #rest: Buffer = Buffer.alloc(0);
  #left: number;
  /** A part of a line has been written, so the next one continues it. */
  #isContinued = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** The output that `block` completes. */
  push(block: Buffer): Buffer {
    const data = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]);
    const parts: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, start)) {
      this.#line(data.subarray(start, end), parts);
      start = end + 1;
    }
    this.#rest = Buffer.from(data.subarray(start));
    return this.#limited(Buffer.concat(parts));
  }

  #line(bytes: Buffer, parts: Buffer[]): void {
    const line = parseCriLine(bytes);
    if (!line) return;
    const { sinceMs, timestamps } = this.#options;
    if (sinceMs !== undefined && Date.parse(line.time) < sinceMs) return;
    if (timestamps && !this.#isContinued) parts.push(Buffer.from(`${line.time} `));
    parts.push(line.text);
    if (!line.isPartial) parts.push(lineEnd);
    this.#isContinued = line.isPartial;
  }

  #limited(output: Buffer): Buffer {
    const kept = output.length > this.#left ? output.subarray(0, this.#left) : output;
    this.#left -= kept.length;
    return kept;
  }
}
