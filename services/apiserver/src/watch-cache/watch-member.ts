/** Where a watch's bytes go: an answer that has begun. */
export interface WatchSink {
  /** False when the client reads slower than we write. */
  write(chunk: Uint8Array): boolean;
  /** Bytes that were written and wait for the client. */
  readonly pendingBytes: number;
  drained(): Promise<void>;
  end(): void;
  /** Ends without a proper end, so that the client does not take the stream for complete. */
  destroy(): void;
}

const chunkBytes = 64 * 1024;

/** What one watcher may keep waiting before it is cut. */
export const maxPendingBytes = 16 * 1024 * 1024;

/**
 * One watcher's stream. First the events that bring it to the present, written only as fast as the client reads; what happens meanwhile
 * waits in order. Then every chunk as it comes. A watcher with more than `maxPendingBytes` waiting is cut: it will come back and catch up
 * from the ring, or list.
 */
export class WatchMember {
  readonly #sink: WatchSink;
  readonly #onEnd: () => void;
  #backlog: Buffer[] | undefined = [];
  #backlogBytes = 0;
  #isOpen = true;
  #last: Buffer | undefined;

  constructor(sink: WatchSink, onEnd: () => void) {
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Writes the parts that bring the watcher to the present; then what has gathered meanwhile. */
  async catchUp(parts: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunksOf(parts)) {
      if (!this.#isOpen) return;
      if (!this.#sink.write(chunk)) await this.#sink.drained();
    }
    while (this.#isOpen && this.#backlog && this.#backlog.length > 0) {
      const gathered = this.#backlog;
      this.#backlog = [];
      this.#backlogBytes = 0;
      for (const chunk of gathered) {
        if (!this.#sink.write(chunk)) await this.#sink.drained();
        if (!this.#isOpen) return;
      }
    }
    this.#backlog = undefined;
    if (this.#last) this.#finish(this.#last);
  }

  deliver(chunk: Buffer): void {
    if (!this.#isOpen || this.#last) return;
    if (this.#backlog) {
      this.#backlog.push(chunk);
      this.#backlogBytes += chunk.byteLength;
    } else {
      this.#sink.write(chunk);
    }
    if (this.#backlogBytes + this.#sink.pendingBytes > maxPendingBytes) this.cut();
  }

  /** Ends the stream properly after all that was delivered, with `last` as its end. */
  end(last: Buffer): void {
    if (!this.#isOpen || this.#last) return;
    if (this.#backlog) this.#last = last;
    else this.#finish(last);
  }

  /** Ends the stream at once. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#sink.destroy();
  }

  #finish(last: Buffer): void {
    if (last.byteLength > 0) this.#sink.write(last);
    this.#close();
    this.#sink.end();
  }

  #close(): void {
    this.#isOpen = false;
    this.#backlog = undefined;
    this.#backlogBytes = 0;
    this.#onEnd();
  }
}

/** Joins small parts into chunks worth writing; large ones are passed on as they are. */
export function* chunksOf(parts: Iterable<Buffer>): Generator<Buffer> {
  let gathered: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    const isLarge = part.byteLength >= chunkBytes;
    if (size > 0 && (isLarge || size >= chunkBytes)) {
      yield Buffer.concat(gathered, size);
      gathered = [];
      size = 0;
    }
    if (isLarge) {
      yield part;
    } else {
      gathered.push(part);
      size += part.byteLength;
    }
  }
  if (size > 0) yield Buffer.concat(gathered, size);
}
