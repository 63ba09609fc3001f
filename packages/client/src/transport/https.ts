import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Clock } from "@tskube/base";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What a TLS connection is opened with; read again for every new connection, so that rotated certificates are taken up. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly insecure?: boolean;
}

export interface HttpsTransportOptions {
  /** Scheme, host and port; a path in it is put before every request's path. */
  readonly server: string;
  /** Called before each request; returning another object than last time retires the connections made with the old one. */
  readonly tls: () => TlsMaterial;
  readonly clock: Clock;
  /** Connections at once; further requests wait. Watches hold one each, so this is generous. */
  readonly maxSockets?: number;
  readonly defaultTimeoutMs?: number;
}

const defaultMaxSockets = 256;
const defaultTimeoutMs = 60_000;
/** Shorter than the server's own keep-alive time, so that a connection is not taken up just as the server closes it. */
const idleSocketMs = 60_000;

/** A transport over HTTP/1.1 with kept-alive connections (see README.md for the measurement against HTTP/2). */
export function httpsTransport(options: HttpsTransportOptions): Transport {
  const url = new URL(options.server);
  const prefix = url.pathname === "/" ? "" : url.pathname.replace(/\/$/, "");
  const isTls = url.protocol === "https:";
  const send = isTls ? requestHttps : requestHttp;
  const agents = agentPool(options, isTls);

  return {
    send(request) {
      return new Promise((resolve, reject) => {
        if (request.signal?.aborted) return reject(request.signal.reason);
        const outgoing = send({
          agent: agents.current(),
          host: url.hostname.replace(/^\[|\]$/g, ""),
          port: url.port || (isTls ? 443 : 80),
          method: request.method,
          path: prefix + request.path,
          headers: requestHeaders(request),
        });
        const cancelTimeout = cutAfter(request.timeoutMs ?? options.defaultTimeoutMs ?? defaultTimeoutMs);
        const onAbort = () => outgoing.destroy(abortReason(request.signal));
        request.signal?.addEventListener("abort", onAbort, { once: true });
        const forget = () => request.signal?.removeEventListener("abort", onAbort);

        outgoing.on("response", (incoming) => {
          cancelTimeout();
          incoming.on("close", forget);
          resolve(toResponse(incoming));
        });
        outgoing.on("error", (error) => {
          cancelTimeout();
          forget();
          reject(error);
        });
        outgoing.end(request.body);

        function cutAfter(ms: number): () => void {
          return options.clock.after(ms, () =>
            outgoing.destroy(new Error(`no response to ${request.method} ${request.path} within ${ms}ms`)),
          );
        }
      });
    },
    close: () => agents.close(),
  };
}

/** One agent per TLS material: connections with superseded credentials drain while new requests use the new ones. */
function agentPool(options: HttpsTransportOptions, isTls: boolean) {
  let material: TlsMaterial | undefined;
  let agent: HttpAgent | undefined;
  const keepAlive = {
    keepAlive: true,
    maxSockets: options.maxSockets ?? defaultMaxSockets,
    timeout: 0,
    scheduling: "lifo" as const,
    keepAliveMsecs: idleSocketMs / 2,
  };
  return {
    current(): HttpAgent {
      if (!isTls) {
        agent ??= new HttpAgent(keepAlive);
        return agent;
      }
      const now = options.tls();
      if (!agent || now !== material) {
        retire(agent);
        material = now;
        agent = new HttpsAgent({ ...keepAlive, ...tlsOptions(now) });
      }
      return agent;
    },
    close: () => agent?.destroy(),
  };
}

/** Lets requests under way end; `destroy` would cut them. */
function retire(agent: HttpAgent | undefined): void {
  for (const sockets of Object.values(agent?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
  if (agent) agent.maxFreeSockets = 0;
}

function tlsOptions(material: TlsMaterial) {
  return {
    ...(material.ca && { ca: material.ca }),
    ...(material.cert && { cert: material.cert }),
    ...(material.key && { key: material.key }),
    ...(material.servername && { servername: material.servername }),
    rejectUnauthorized: !material.insecure,
  };
}

function requestHeaders(request: TransportRequest): Record<string, string | number> {
  const headers: Record<string, string | number> = { "accept-encoding": "gzip", ...request.headers };
  if (request.body !== undefined) headers["content-length"] = Buffer.byteLength(request.body);
  return headers;
}

function toResponse(incoming: IncomingMessage): TransportResponse {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return { status: incoming.statusCode ?? 0, headers, body: decompressed(incoming) };
}

function decompressed(incoming: IncomingMessage): Readable {
  if (incoming.headers["content-encoding"] !== "gzip") return incoming;
  const gunzip = createGunzip();
  incoming.on("error", (error) => gunzip.destroy(error));
  incoming.on("aborted", () => gunzip.destroy(new Error("response was cut")));
  gunzip.on("close", () => incoming.destroy());
  return incoming.pipe(gunzip);
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("request aborted");
}
