import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { errorMessage, type Logger, systemErrorCode } from "@tskube/base";
import type { TlsSource } from "@tskube/component";
import type { Access } from "./access.ts";
import { HttpError } from "./http-error.ts";
import { pathParts } from "./path.ts";

/** A request whose user may make it. */
export interface Call {
  readonly request: IncomingMessage;
  /** Of the path, decoded, without the first, which chose the handler. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** Answers one kind of request; throws an HttpError for anything but success. */
export type Handler = (call: Call, response: ServerResponse) => Promise<void> | void;

/** Takes over an upgraded connection. */
export type UpgradeHandler = (call: Call, socket: Duplex, head: Buffer) => Promise<void>;

export interface KubeletServerOptions {
  readonly host: string;
  readonly port: number;
  /** Absent only in tests. */
  readonly tls: TlsSource | undefined;
  readonly access: Pick<Access, "check">;
  /** By the first part of the path. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
  readonly logger: Logger;
}

export interface KubeletServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the kubelet's API: every request is authenticated and authorized before a handler sees it. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { tls, host, port, logger } = options;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answer(options, request, response).catch((error) => sendError(response, error, logger, request.url));
  };
  const server = tls
    ? createTlsServer(
        { ...tls.current, requestCert: tls.current.ca !== undefined, rejectUnauthorized: false, minVersion: "TLSv1.2" },
        onRequest,
      )
    : createServer(onRequest);
  if (tls && "setSecureContext" in server) tls.onChange((contents) => server.setSecureContext(contents));
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the peer went away; whoever reads the socket sees its end
    upgrade(options, request, socket, head).catch((error) => refuse(socket, error, logger, request.url));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const reason = systemErrorCode(error) === "EADDRINUSE" ? "another program uses this port" : errorMessage(error);
      reject(new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(
  options: KubeletServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { first, call } = await admit(options, request, gone.signal);
  const handler = options.handlers[first];
  if (handler) return handler(call, response);
  if (options.upgrades[first]) throw new HttpError(400, "Upgrade request required");
  throw new HttpError(404, "404 page not found");
}

async function upgrade(
  options: KubeletServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  const { first, call } = await admit(options, request, gone.signal);
  const handler = options.upgrades[first];
  if (!handler) throw new HttpError(404, "404 page not found");
  await handler(call, socket, head);
}

async function admit(
  options: KubeletServerOptions,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<{ first: string; call: Call }> {
  const url = new URL(request.url ?? "/", "https://kubelet");
  const parts = pathParts(url.pathname);
  if (!parts) throw new HttpError(400, "malformed path");
  await options.access.check(request, url.pathname);
  const [first = "", ...rest] = parts;
  // A slash at the end adds an empty part that means nothing.
  return {
    first,
    call: { request, parts: rest.at(-1) === "" ? rest.slice(0, -1) : rest, query: url.searchParams, signal },
  };
}

function sendError(response: ServerResponse, error: unknown, logger: Logger, url: string | undefined): void {
  const code = codeOf(error, logger, url);
  if (response.headersSent) return void response.destroy(); // cut short, so that nobody takes the part for the whole
  response.writeHead(code, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" });
  response.end(errorMessage(error));
}

function refuse(socket: Duplex, error: unknown, logger: Logger, url: string | undefined): void {
  const code = codeOf(error, logger, url);
  const body = errorMessage(error);
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function codeOf(error: unknown, logger: Logger, url: string | undefined): number {
  if (error instanceof HttpError) return error.code;
  logger.warn({ path: url?.split("?")[0], error: errorMessage(error) }, "cannot answer a request");
  return 500;
}
