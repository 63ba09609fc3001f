import type { Readable } from "node:stream";

/** The body is longer than the server takes. */
export class BodyTooLarge extends Error {
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`request body is longer than ${limitBytes} bytes`);
    this.name = "BodyTooLarge";
    this.limitBytes = limitBytes;
  }
}

/** Reads `stream` to its end; rejects with `BodyTooLarge` as soon as it is known to be, and reads on without keeping anything. */
export function readLimited(stream: Readable, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (error: Error | undefined) => {
      stream.removeListener("data", onData);
      stream.removeListener("end", onEnd);
      stream.removeListener("error", finish);
      stream.removeListener("close", onClose);
      if (error) {
        stream.on("error", () => {});
        stream.resume();
        reject(error);
      } else {
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
      }
    };
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > limitBytes) finish(new BodyTooLarge(limitBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => finish(undefined);
    const onClose = () => finish(new Error("client closed the connection before its request was complete"));
    stream.on("data", onData);
    stream.once("end", onEnd);
    stream.once("error", finish);
    stream.once("close", onClose);
  });
}
