import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from "node:http2";
import type { Duplex, Readable } from "node:stream";
import type { Clock } from "@tskube/base";
import { abortReason, decompressed, headersOfDecompressed, lateError } from "./response-body.ts";
import { type TransportRequest, type TransportResponse, tooLong } from "./transport.ts";

/** As client-go: a connection that is silent for so long is asked for a sign of life, and given up when none comes. */
const pingEveryMs = 30_000;
const pingTimeoutMs = 15_000;
/** Lists are megabytes; the protocol's 64 KiB would stop them once per round trip. */
const streamWindowBytes = 4 << 20;
const connectionWindowBytes = 16 << 20;

export interface Http2Options {
  readonly clock: Clock;
  readonly defaultTimeoutMs: number;
}

/** One HTTP/2 connection, shared by all requests and watches of a client. */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #options: Http2Options;
  #streams = 0;
  #cancelPing: (() => void) | undefined;
  #isUsable = true;

  /** Takes over a connected socket. */
  constructor(authority: string, socket: Duplex, options: Http2Options) {
    this.#options = options;
    this.#session = connect(authority, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    });
    this.#session.on("connect", () => this.#session.setLocalWindowSize(connectionWindowBytes));
    this.#session.on("goaway", () => this.retire());
    this.#session.on("error", () => this.retire()); // each stream gets the error itself
    this.#session.on("close", () => this.retire());
  }

  /** Whether new requests may be sent: not once the server said it goes away, or the connection is lost. */
  get isUsable(): boolean {
    return this.#isUsable && !this.#session.closed && !this.#session.destroyed;
  }

  /** Takes no more requests; those under way go on. */
  retire(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    if (!this.#session.closed) this.#session.close();
  }

  destroy(error?: Error): void {
    this.#isUsable = false;
    this.#cancelPing?.();
    this.#session.destroy(error);
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    const { method, path, signal, timeoutMs = this.#options.defaultTimeoutMs } = request;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal));
      const stream = this.#open(request);
      const cancelTimeout = this.#options.clock.after(timeoutMs, () =>
        stream.destroy(lateError(method, path, timeoutMs)),
      );
      const onAbort = () => stream.destroy(abortReason(signal));
      signal?.addEventListener("abort", onAbort, { once: true });
      stream.on("response", (headers) => {
        cancelTimeout();
        resolve(responseOf(stream, headers));
      });
      stream.on("error", reject);
      stream.on("close", () => {
        cancelTimeout();
        signal?.removeEventListener("abort", onAbort);
        reject(Object.assign(new Error("connection closed before an answer came"), { code: "ECONNRESET" }));
        this.#closed();
      });
      stream.end(request.body);
    });
  }

  #open({ method, path, headers, body }: TransportRequest): ClientHttp2Stream {
    const stream = this.#session.request(
      {
        ...headers,
        "accept-encoding": "gzip",
        ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
        [constants.HTTP2_HEADER_METHOD]: method,
        [constants.HTTP2_HEADER_PATH]: path,
      },
      { endStream: body === undefined },
    );
    this.#streams++;
    if (this.#streams === 1) this.#armPing();
    return stream;
  }

  #closed(): void {
    this.#streams--;
    if (this.#streams === 0) this.#cancelPing?.();
  }

  /** Watches are silent for long: without this a cut cable would go unnoticed until TCP gives up, after many minutes. */
  #armPing(): void {
    this.#cancelPing = this.#options.clock.after(pingEveryMs, () => {
      if (this.#session.destroyed) return;
      const lost = () =>
        this.destroy(Object.assign(new Error("connection lost: no answer to a ping"), { code: "ECONNRESET" }));
      this.#cancelPing = this.#options.clock.after(pingTimeoutMs, lost);
      this.#session.ping((error) => {
        this.#cancelPing?.();
        if (!error && this.#streams > 0) this.#armPing();
      });
    });
  }
}

function responseOf(stream: ClientHttp2Stream, incoming: IncomingHttpHeaders): TransportResponse {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming)) {
    if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const status = Number((incoming as Record<string, unknown>)[constants.HTTP2_HEADER_STATUS]);
  const isPacked = headers["content-encoding"] === "gzip";
  const length = isPacked ? undefined : headers["content-length"]; // gunzip itself misses an end
  const body = decompressed(stream, headers["content-encoding"]);
  return {
    status,
    headers: headersOfDecompressed(headers),
    body: whole(stream, body, length),
    collect: (limitBytes) => collected(stream, body, length, limitBytes),
  };
}

/** The body by events: most answers are one chunk, for which iterating costs more than parsing it does. */
function collected(
  stream: ClientHttp2Stream,
  body: Readable,
  length: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    body.on("data", (chunk: Buffer) => {
      received += chunk.byteLength;
      if (received > limitBytes) body.destroy(tooLong(limitBytes));
      else chunks.push(chunk);
    });
    body.on("error", reject);
    body.on("end", () => {
      if (isCut(stream, received, length)) reject(responseCut());
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, received));
    });
    // After `end` this changes nothing; without one the body was lost.
    body.on("close", () => reject(responseCut()));
  });
}

/** Node ends the body of a stream that was reset as if it were complete; the code or the missing bytes tell. */
async function* whole(stream: ClientHttp2Stream, body: AsyncIterable<Uint8Array>, length: string | undefined) {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.byteLength;
    yield chunk;
  }
  if (isCut(stream, received, length)) throw responseCut();
}

function isCut(stream: ClientHttp2Stream, received: number, length: string | undefined): boolean {
  return Boolean(stream.rstCode) || (length !== undefined && received !== Number(length));
}

function responseCut(): Error {
  return new Error("response was cut");
}
