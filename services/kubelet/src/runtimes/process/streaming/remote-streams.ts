import type { Readable, Writable } from "node:stream";

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The streams of one exec or attach session, whatever protocol they travel by. Streams that the client did not ask for are absent. */
export interface RemoteStreams {
  readonly stdin?: Readable | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
  onResize(listener: (size: TerminalSize) => void): void;
  /** Sends the status and ends the session, after all output. */
  finish(status: string): Promise<void>;
}

/** Hands terminal sizes on; a listener that comes late gets the last one. */
export class SizeFeed {
  readonly #listeners: Array<(size: TerminalSize) => void> = [];
  #last: TerminalSize | undefined;

  push(size: TerminalSize): void {
    this.#last = size;
    for (const listener of this.#listeners) listener(size);
  }

  listen(listener: (size: TerminalSize) => void): void {
    this.#listeners.push(listener);
    if (this.#last) listener(this.#last);
  }
}

/** Reads `{"Width":80,"Height":24}`; anything else is no size. */
export function parseTerminalSize(text: string): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    const isSize = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536;
    return isSize(Width) && isSize(Height) ? { width: Width, height: Height } : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a stream and waits until what was written has been handed on; a stream that broke has nothing more to wait for. */
export function endStream(stream: Writable | undefined): Promise<void> {
  if (!stream || stream.writableFinished || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("close", () => resolve());
    stream.once("error", () => resolve());
    stream.end(() => resolve());
  });
}
