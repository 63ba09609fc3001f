import { request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { User } from "../auth/user.ts";
import { markConnection } from "./connection.ts";

export interface MemoryRequest {
  readonly method: string;
  /** Path and query, starting with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
}

export interface MemoryResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What the client library calls a transport, so that a client can be built on it. */
export interface MemoryTransport {
  send(request: MemoryRequest): Promise<MemoryResponse>;
  close(): void;
}

/** A way to the server that needs neither a port nor credentials: every request speaks for `user`. */
export function memoryTransport(server: Server, user: User): MemoryTransport {
  return { send: (request) => send(server, user, request), close() {} };
}

function send(server: Server, user: User, request: MemoryRequest): Promise<MemoryResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      method: request.method,
      path: request.path,
      headers: { host: "kubernetes.default.svc", "content-length": lengthOf(request.body), ...request.headers },
      createConnection: () => connect(server, user) as Socket,
      ...(request.signal && { signal: request.signal }),
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response: IncomingMessage) => {
      response.once("close", () => response.socket.destroy());
      resolve({ status: response.statusCode ?? 0, headers: flatten(response.headers), body: response });
    });
    outgoing.end(request.body);
  });
}

/** Node sends no length by itself with every method. */
function lengthOf(body: Uint8Array | string | undefined): number {
  return body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

function flatten(headers: IncomingMessage["headers"]): Record<string, string | undefined> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

/** Opens a connection inside the process. */
export function connect(server: Server, user: User): Duplex {
  const near = new Pipe();
  const far = new Pipe();
  near.other = far;
  far.other = near;
  markConnection(far, user);
  server.emit("connection", far);
  return near;
}

/** One end of a connection in memory: what is written here is read at the other end. */
class Pipe extends Duplex {
  other: Pipe | undefined;
  #continue: (() => void) | undefined;

  /** HTTP code asks sockets for these. */
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    const resume = this.#continue;
    this.#continue = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const { other } = this;
    if (!other || other.destroyed || other.push(chunk)) done();
    else other.#continue = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    this.other = undefined;
    if (other && !other.destroyed) other.destroy();
    done(error);
  }
}
