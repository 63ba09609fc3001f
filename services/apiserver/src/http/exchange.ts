import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import type { AuditTrail } from "./audit-trail.ts";
import { type Connection, connectionOf } from "./connection.ts";
import { BodyTooLarge, readLimited } from "./read-limited.ts";
import { parseRequestUrl, type RequestUrl } from "./request-url.ts";
import { Warnings } from "./warnings.ts";

export type ReplyHeaders = Record<string, string | number>;
type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** A client asked to turn the connection into another protocol; the bytes already read come first. */
export interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** One request and its answer, alike for HTTP/1.1, HTTP/2 and connections in memory. */
export class Exchange {
  readonly method: string;
  readonly url: RequestUrl;
  readonly connection: Connection;
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  readonly upgrade: Upgrade | undefined;
  /** Where handlers note what the audit events of the request hold; absent when nothing is recorded. */
  audit: AuditTrail | undefined;
  /** Told the status once, when the answer begins. */
  onStarted: ((status: number) => void) | undefined;
  #warnings: Warnings | undefined;
  #abort: AbortController | undefined;
  #status = 0;
  #isEnded = false;
  #isReleased = false;
  /** What carries the answer: of HTTP/2's compatible response only the stream knows whether it is full or gone. */
  readonly #out: Pick<Writable, "destroyed" | "writableFinished" | "writableLength" | "writableNeedDrain">;

  /** Throws a `URIError` when the target is not valid percent-encoding. */
  constructor(request: NodeRequest, response: NodeResponse, upgrade?: Upgrade) {
    this.request = request;
    this.response = response;
    this.upgrade = upgrade;
    this.#out = "stream" in response ? response.stream : response;
    this.method = request.method ?? "GET";
    this.url = parseRequestUrl(request.url ?? "/");
    this.connection = connectionOf(socketOf(request));
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Aborts when the client has gone or the server gives the request up. */
  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  /** Gives the request up: what handles it sees its signal abort. */
  abort(reason: Error): void {
    this.#controller().abort(reason);
  }

  /** The whole body; throws `BodyTooLarge`. */
  body(limitBytes: number): Promise<Buffer> {
    return readLimited(this.request, limitBytes);
  }

  /** Adds a `Warning` header (code 299); repeated ones are sent once, and long ones cut. */
  warn(message: string): void {
    this.#warnings ??= new Warnings();
    this.#warnings.add(message);
  }

  /** A header that whatever answers will carry. */
  setHeader(name: string, value: string): void {
    if (!this.response.headersSent) this.response.setHeader(name, value);
  }

  get isHttp2(): boolean {
    return "stream" in this.request;
  }

  /** Whether the client has sent all of its request. */
  get isRequestComplete(): boolean {
    return this.request.complete;
  }

  /** Tells the client to use another connection from now on; this request, and others under way, are still answered. */
  closeConnection(): void {
    if ("stream" in this.request) this.request.stream.session?.close();
    else this.setHeader("connection", "close");
  }

  get started(): boolean {
    return this.response.headersSent;
  }

  /** The status answered, 0 before. */
  get status(): number {
    return this.#status;
  }

  /** The status of an answer that was written past this class. */
  noteStatus(status: number): void {
    if (this.#status !== 0) return;
    this.#status = status;
    this.onStarted?.(status);
  }

  /** Takes the connection of an upgrade away from HTTP: what is written to its socket from now on is not an answer any more. */
  releaseSocket(): void {
    this.#isReleased = true;
    if (this.upgrade && "detachSocket" in this.response) this.response.detachSocket(this.upgrade.socket as Socket);
  }

  /** Whether the connection has left HTTP. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Answers with a whole body. */
  send(status: number, headers: ReplyHeaders, body: Uint8Array | string): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
    this.begin(status, { ...headers, "content-length": length });
    this.#isEnded = true;
    if (this.method === "HEAD") this.response.end();
    else (this.response as ServerResponse).end(body);
  }

  /** Starts an answer whose body `write` and `end` carry. */
  begin(status: number, headers: ReplyHeaders): void {
    this.noteStatus(status);
    if (this.#warnings) {
      this.response.setHeader("warning", this.#warnings.all.map(warningHeader));
    }
    (this.response as ServerResponse).writeHead(status, headers);
  }

  /** Sends the head of an answer whose body may be long in coming. */
  flushHeaders(): void {
    // An HTTP/2 answer's head leaves at once anyway.
    if ("flushHeaders" in this.response) this.response.flushHeaders();
  }

  /** False when the client reads slower than we write; see `drained`. */
  write(chunk: Uint8Array): boolean {
    return (this.response as ServerResponse).write(chunk);
  }

  end(): void {
    this.#isEnded = true;
    this.response.end();
  }

  /** The client has left, or its connection was cut. */
  get isGone(): boolean {
    return this.#out.destroyed;
  }

  /** Bytes that wait for the client. */
  get pendingBytes(): number {
    return this.#out.writableLength;
  }

  /** Resolves when more may be written, or the client has gone. */
  drained(): Promise<void> {
    const { response } = this;
    return new Promise((resolve) => {
      const done = () => {
        response.removeListener("drain", done);
        response.removeListener("close", done);
        resolve();
      };
      response.once("drain", done);
      response.once("close", done);
      if (this.isGone || !this.#out.writableNeedDrain) done();
    });
  }

  /** Cuts the connection or stream without a proper end. */
  destroy(): void {
    (this.response as ServerResponse).destroy();
  }

  #controller(): AbortController {
    if (!this.#abort) {
      const controller = new AbortController();
      this.#abort = controller;
      // A complete answer closes too, and nobody is left then whom an abort would tell anything.
      const gone = () => {
        if (!this.#isEnded || !this.#out.writableFinished) controller.abort(new ClientGone());
      };
      if (this.isGone) gone();
      else this.response.once("close", gone);
    }
    return this.#abort;
  }
}

/** Why a signal aborted: nobody waits for the answer any more. */
export class ClientGone extends Error {
  constructor() {
    super("client closed the request");
    this.name = "ClientGone";
  }
}

export { BodyTooLarge };

function socketOf(request: NodeRequest): Socket {
  return "stream" in request ? ((request.stream.session?.socket ?? request.socket) as Socket) : request.socket;
}

function warningHeader(message: string): string {
  // Header values are Latin-1 without control characters; the agent "-" is what upstream writes.
  const text = message
    .replace(/[^\t\x20-\x7e]/g, "?")
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"');
  return `299 - "${text}"`;
}
