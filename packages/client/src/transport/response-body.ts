import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** The body as its sender meant it. A cut of the connection fails the reader, for a short answer must not pass for a whole one. */
export function decompressed(body: Readable, contentEncoding: string | undefined): Readable {
  body.on("aborted", () => body.destroy(new Error("response was cut")));
  if (contentEncoding !== "gzip") return body;
  const gunzip = createGunzip();
  body.on("error", (error) => gunzip.destroy(error));
  gunzip.on("close", () => body.destroy());
  return body.pipe(gunzip);
}

/** The headers that go with a decompressed body: its length and form on the wire would mislead whoever passes it on. */
export function headersOfDecompressed(
  headers: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  if (headers["content-encoding"] !== "gzip") return headers;
  const { "content-encoding": _encoding, "content-length": _length, ...others } = headers;
  return others;
}

export function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("request aborted");
}

export function lateError(method: string, path: string, ms: number): Error {
  return new Error(`no response to ${method} ${path} within ${ms}ms`);
}
