import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Clock } from "@tskube/base";
import { sendHttp1 } from "./http1.ts";
import { Http2Connection } from "./http2-connection.ts";
import type { Transport } from "./transport.ts";

/** What a TLS connection is opened with. */
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
  /** Called per request; another object than last time retires the connections made with the old one. */
  readonly tls: () => TlsMaterial;
  readonly clock: Clock;
  readonly defaultTimeoutMs?: number;
  /** HTTP/2 where the server speaks it, when absent. */
  readonly http1Only?: boolean;
}

const defaultTimeoutMs = 60_000;
const connectTimeoutMs = 10_000;
/** HTTP/1.1 connections at once; watches hold one each, so this is generous. */
const maxSockets = 256;

/** The ways to the server with one set of credentials. */
interface Route {
  readonly material: TlsMaterial;
  readonly agent: HttpAgent;
  /** A connection, or one being made; `http1` once the server has chosen that. */
  http2: Promise<Http2Connection | "http1"> | "http1";
}

/**
 * A transport over TLS: HTTP/2 on one connection where the server speaks it, else HTTP/1.1 with kept-alive connections. A lost
 * connection is made anew by the next request.
 */
export function httpsTransport(options: HttpsTransportOptions): Transport {
  const url = new URL(options.server);
  const isTls = url.protocol === "https:";
  const prefix = url.pathname.replace(/\/$/, "");
  const target = { url, clock: options.clock, defaultTimeoutMs: options.defaultTimeoutMs ?? defaultTimeoutMs };
  const isHttp1Only = !isTls || options.http1Only === true;
  let current: Route | undefined;

  return {
    async send(plain) {
      const request = prefix === "" ? plain : { ...plain, path: prefix + plain.path };
      const route = routeFor(isTls ? options.tls() : noMaterial);
      const connection = await connectionOf(route);
      return connection === "http1" ? sendHttp1(request, { ...target, agent: route.agent }) : connection.send(request);
    },
    close() {
      if (!current) return;
      current.agent.destroy();
      void withConnection(current, (connection) => connection.destroy());
      current = undefined;
    },
  };

  function routeFor(material: TlsMaterial): Route {
    if (current?.material === material) return current;
    if (current) retire(current);
    const agent = isTls ? new HttpsAgent({ ...agentOptions, ...tlsOptions(material) }) : new HttpAgent(agentOptions);
    current = { material, agent, http2: isHttp1Only ? "http1" : dial(material) };
    return current;
  }

  async function connectionOf(route: Route): Promise<Http2Connection | "http1"> {
    const before = route.http2;
    const known = await settled(before);
    if (known === "http1" || known?.isUsable) return known;
    // Of requests that all find the connection lost, the first makes the new one and the others wait for it.
    if (route.http2 === before) route.http2 = dial(route.material);
    return route.http2;
  }

  async function dial(material: TlsMaterial): Promise<Http2Connection | "http1"> {
    const socket = await connectTls(url, material, options.clock);
    if (socket.alpnProtocol === "h2") return new Http2Connection(url.origin, socket, target);
    socket.destroy();
    return "http1";
  }
}

const noMaterial: TlsMaterial = {};
const agentOptions = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets, scheduling: "lifo" as const };

/** Nothing for a dial that failed: the next request dials again. */
async function settled(connection: Route["http2"]): Promise<Http2Connection | "http1" | undefined> {
  try {
    return await connection;
  } catch {
    return undefined;
  }
}

async function withConnection(route: Route, act: (connection: Http2Connection) => void): Promise<void> {
  const connection = await settled(route.http2);
  if (connection && connection !== "http1") act(connection);
}

/** Lets requests under way end; new ones use the new credentials. */
function retire(route: Route): void {
  void withConnection(route, (connection) => connection.retire());
  for (const sockets of Object.values(route.agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  route.agent.maxFreeSockets = 0;
}

function connectTls(url: URL, material: TlsMaterial, clock: Clock): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({
      ...tlsOptions(material),
      host,
      port: Number(url.port || 443),
      ALPNProtocols: ["h2", "http/1.1"],
      // A name in the handshake must not be an address.
      ...(isIP(host) === 0 && !material.servername && { servername: host }),
    });
    const cancel = clock.after(connectTimeoutMs, () =>
      socket.destroy(new Error(`no connection to ${url.host} within ${connectTimeoutMs}ms`)),
    );
    socket.setNoDelay(true);
    socket.once("secureConnect", () => {
      cancel();
      socket.removeListener("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
    socket.once("close", cancel);
  });
}

function tlsOptions({ ca, cert, key, servername, insecure }: TlsMaterial) {
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
    rejectUnauthorized: !insecure,
  };
}
