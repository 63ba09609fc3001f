import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { Exchange, ReplyHeaders } from "../http/exchange.ts";
import { chunksOf } from "../watch-cache/watch-member.ts";

const compress = promisify(gzip);
/** Smaller answers cost more to compress than to send. */
const gzipMinBytes = 128 * 1024;
/** Speed over size, as upstream. */
const gzipLevel = 1;
/** Answers up to this are sent as one buffer; longer ones part by part as the client reads, for joining them would copy what is kept already. */
const wholeBytes = 256 * 1024;
/** Answers up to this are compressed in one go. */
const compressWholeBytes = 4 * 1024 * 1024;

/** Answers with the parts of a body, compressed when the client takes that and it is worth it. */
export async function sendParts(
  exchange: Exchange,
  status: number,
  mediaType: string,
  parts: readonly Buffer[],
): Promise<void> {
  const headers: ReplyHeaders = { "cache-control": "no-cache, private", "content-type": mediaType };
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const isCompressed = length >= gzipMinBytes && acceptsGzip(exchange);
  if (isCompressed) Object.assign(headers, { "content-encoding": "gzip", vary: "Accept-Encoding" });

  if (length <= (isCompressed ? compressWholeBytes : wholeBytes) || exchange.method === "HEAD") {
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, length);
    return exchange.send(status, headers, isCompressed ? await compress(whole, { level: gzipLevel }) : whole);
  }
  if (isCompressed) return sendCompressed(exchange, status, headers, parts);
  exchange.begin(status, { ...headers, "content-length": length });
  for (const chunk of chunksOf(parts)) {
    if (!exchange.write(chunk)) await exchange.drained();
    if (exchange.isGone) return;
  }
  exchange.end();
}

async function sendCompressed(
  exchange: Exchange,
  status: number,
  headers: ReplyHeaders,
  parts: readonly Buffer[],
): Promise<void> {
  exchange.begin(status, headers);
  const out = new PassThrough();
  out.on("data", (chunk: Buffer) => {
    if (exchange.write(chunk)) return;
    out.pause();
    void exchange.drained().then(() => out.resume());
  });
  await pipeline(chunksOf(parts), createGzip({ level: gzipLevel }), out);
  exchange.end();
}

export function sendJson(exchange: Exchange, status: number, value: object): void {
  noteAnswer(exchange, value);
  const isPretty = exchange.url.query.has("pretty") && exchange.url.query.get("pretty") !== "false";
  exchange.send(
    status,
    { "cache-control": "no-cache, private", "content-type": "application/json" },
    isPretty ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value),
  );
}

/** Tells the audit events of an answer that has no place in a cache. */
export function noteAnswer({ audit }: Exchange, value: object): void {
  if (!audit) return;
  if ((value as { kind?: unknown }).kind === "Status") audit.answeredStatus(value);
  else audit.answered(() => JSON.stringify(value));
}

function acceptsGzip(exchange: Exchange): boolean {
  const header = exchange.header("accept-encoding");
  return header !== undefined && /(?:^|[\s,])gzip\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))/.test(header);
}
