import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { badRequest, internalError, StatusError, serviceUnavailable, unknownFailure } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { protocolsWithoutToken } from "../auth/index.ts";
import type { Exchange, ReplyHeaders } from "../http/exchange.ts";

/** A server behind this one. */
export interface Upstream {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  /** What to show and whom to trust; without `ca` any certificate is taken. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface Forwarding {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** How long a connection may take to stand. */
const connectTimeoutMs = 30_000;
/** How long an end may take to read the last bytes after the other has gone. */
const lingerMs = 10_000;
/** Answers that say why something is refused are short. */
const maxErrorBytes = 64 * 1024;

const hopHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);
/** What proves who the client is, is for this server alone. */
const secretHeaders = new Set(["authorization", "x-remote-user", "x-remote-uid", "x-remote-group"]);
const secretPrefixes = ["impersonate-", "x-remote-extra-"];

/** Sends a request on and its answer back, byte by byte and no faster than the client reads. */
export async function forward(exchange: Exchange, upstream: Upstream, forwarding: Forwarding): Promise<void> {
  const { request } = exchange;
  const outgoing = open(exchange, upstream, forwarding, endToEndHeaders(exchange));
  request.pipe(outgoing);
  const answer = await answered(outgoing);
  exchange.begin(answer.statusCode ?? 502, answerHeaders(answer));
  await pump(answer, exchange);
}

/** As `forward`, but an answer that is no success becomes a Status with its text. */
export async function forwardAnswer(exchange: Exchange, upstream: Upstream, path: string): Promise<void> {
  const outgoing = open(exchange, upstream, { method: "GET", path }, { accept: "*/*" });
  outgoing.end();
  const answer = await answered(outgoing);
  const status = answer.statusCode ?? 502;
  if (status >= 400) throw await refusal(answer, status);
  exchange.begin(status, { "content-type": "text/plain", "cache-control": "no-cache, private" });
  // A log may stay silent for long: its reader is to see that it has begun.
  exchange.flushHeaders();
  await pump(answer, exchange);
}

/** A connection behind this server that has left HTTP; `head` are the bytes that came with the answer. */
export interface UpgradedConnection {
  readonly answer: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Joins the client's connection to one of the same protocol behind this server; resolves when it has ended. */
export async function tunnel(exchange: Exchange, upstream: Upstream, path: string): Promise<void> {
  const { upgrade } = exchange;
  if (!upgrade) throw badRequest("unable to upgrade: missing upgrade headers in request");
  const headers = { ...endToEndHeaders(exchange), connection: "Upgrade", upgrade: exchange.header("upgrade") ?? "" };
  const far = await openUpgraded(exchange, upstream, { method: exchange.method, path }, headers);
  exchange.noteStatus(101);
  exchange.releaseSocket();
  upgrade.socket.write(upgradeHead(far.answer));
  if (far.head.byteLength > 0) upgrade.socket.write(far.head);
  if (upgrade.head.byteLength > 0) far.socket.write(upgrade.head);
  await join(upgrade.socket, far.socket);
}

/** Asks the server behind to upgrade; its refusal is thrown as a `StatusError`. */
export function openUpgraded(
  exchange: Exchange,
  upstream: Upstream,
  forwarding: Forwarding,
  headers: Record<string, string | string[]>,
): Promise<UpgradedConnection> {
  const outgoing = open(exchange, upstream, forwarding, headers);
  outgoing.end();
  return new Promise((resolve, reject) => {
    outgoing.once("error", (error) => reject(unreachable(error)));
    outgoing.once("response", (answer) => {
      refusal(answer, answer.statusCode ?? 502).then(reject, reject);
    });
    outgoing.once("upgrade", (answer, socket, head) => resolve({ answer, socket, head }));
  });
}

function open(
  exchange: Exchange,
  upstream: Upstream,
  forwarding: Forwarding,
  headers: Record<string, string | string[]>,
): ClientRequest {
  const { host, port, tls = {}, isTls } = upstream;
  const options = {
    ...forwarding,
    host,
    port,
    headers: { ...headers, host: `${host}:${port}` },
    agent: false as const,
    signal: exchange.signal,
  };
  const outgoing = isTls
    ? httpsRequest({ ...options, ...tls, rejectUnauthorized: tls.ca !== undefined })
    : httpRequest(options);
  const timer = setTimeout(
    () => outgoing.destroy(new Error(`dial tcp ${host}:${port}: i/o timeout`)),
    connectTimeoutMs,
  );
  outgoing.once("socket", (socket) => {
    const connected = () => clearTimeout(timer);
    socket.once(isTls ? "secureConnect" : "connect", connected);
    socket.once("close", connected);
    socket.setNoDelay(true);
  });
  outgoing.on("error", () => clearTimeout(timer));
  return outgoing;
}

function answered(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", (error) => reject(unreachable(error)));
  });
}

function unreachable(error: Error): StatusError {
  return internalError(new Error(`error dialing backend: ${errorMessage(error)}`));
}

async function pump(answer: IncomingMessage, exchange: Exchange): Promise<void> {
  try {
    for await (const chunk of answer) {
      if (!exchange.write(chunk as Buffer)) await exchange.drained();
      if (exchange.isGone) break;
    }
    exchange.end();
  } finally {
    answer.destroy();
  }
}

async function refusal(answer: IncomingMessage, status: number): Promise<StatusError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).byteLength;
    if (size > maxErrorBytes) break;
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  const parsed = statusOf(text);
  if (parsed) return parsed;
  if (status === 400) return badRequest(text);
  if (status === 503) return serviceUnavailable(text);
  return unknownFailure(status, text || `the server behind answered with status ${status}`);
}

function statusOf(text: string): StatusError | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text) as { kind?: unknown };
    return value.kind === "Status" ? StatusError.fromStatus(value as StatusError["status"]) : undefined;
  } catch {
    return undefined;
  }
}

/** What of the client's headers a server behind may see: none of those that prove who the client is. */
export function endToEndHeaders(exchange: Exchange): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(exchange.request.headers)) {
    const isOurs =
      name.startsWith(":") ||
      hopHeaders.has(name) ||
      secretHeaders.has(name) ||
      secretPrefixes.some((prefix) => name.startsWith(prefix));
    if (value !== undefined && !isOurs) headers[name] = value;
  }
  if ("sec-websocket-protocol" in headers) {
    headers["sec-websocket-protocol"] = protocolsWithoutToken(exchange.request.headers).join(", ");
  }
  return headers;
}

function answerHeaders(answer: IncomingMessage): ReplyHeaders {
  const headers: ReplyHeaders = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !hopHeaders.has(name)) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

function upgradeHead(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 101 ${answer.statusMessage ?? "Switching Protocols"}`];
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Copies both ways until both ends are closed: when one is, or fails, the other is ended once it has taken what was sent to it. */
export async function join(near: Duplex, far: Duplex): Promise<void> {
  const ended = Promise.all([closed(near).then(() => finish(far)), closed(far).then(() => finish(near))]);
  near.pipe(far);
  far.pipe(near);
  await ended;
}

function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => stream.destroy()).once("close", () => resolve());
  });
}

function finish(stream: Duplex): void {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), lingerMs);
  stream.once("close", () => clearTimeout(timer));
  stream.end(() => stream.destroy());
}
