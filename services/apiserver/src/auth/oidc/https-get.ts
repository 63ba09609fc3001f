import type { IncomingMessage } from "node:http";
import { request } from "node:https";

export interface GetOptions {
  /** PEM of the authorities the server may be signed by; the system's when absent. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads a document from outside. */
export type HttpsGet = (url: string, options: GetOptions) => Promise<string>;

const timeoutMs = 30_000;
const maxBytes = 1024 * 1024;
const maxRedirects = 5;

/** Follows redirects, to HTTPS alone, and reads no more than a document of keys could need. Throws for everything but an answer with status 200. */
export const httpsGet: HttpsGet = async (url, options) => {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  const first = new URL(url);
  let next = first;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    if (next.protocol !== "https:") throw new Error(`${next.href} is not https`);
    // What proves us to one server is not for another that it names.
    const shown = next.origin === first.origin ? options.headers : undefined;
    const answer = await send(next, { ca: options.ca, signal, ...(shown && { headers: shown }) });
    const { statusCode = 0, headers } = answer;
    if (statusCode < 300 || statusCode >= 400 || !headers.location) return readText(answer, next);
    answer.destroy();
    next = new URL(headers.location, next);
  }
  throw new Error(`stopped after ${maxRedirects} redirects`);
};

function send(url: URL, { ca, signal, headers }: GetOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request(url, { signal, ...(ca && { ca }), ...(headers && { headers }) }, resolve);
    call.once("error", reject);
    call.end();
  });
}

async function readText(answer: IncomingMessage, url: URL): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error(`answer of ${url.origin} is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString("utf8");
  if (answer.statusCode === 200) return text;
  throw new Error(`${answer.statusCode} ${answer.statusMessage ?? ""}: ${text.slice(0, 200)}`);
}
