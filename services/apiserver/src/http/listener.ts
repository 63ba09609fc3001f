import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TlsContents } from "@tskube/component";
import type { requestListener } from "./handle-exchange.ts";
import { closeIdleSessions } from "./idle-sessions.ts";
import { OpenConnections } from "./open-connections.ts";

type Listener = ReturnType<typeof requestListener>;

/** Room for bearer tokens and the protocol lists of browsers; bounds what a request may make us keep. */
const maxHeaderBytes = 128 * 1024;
const limits = {
  maxHeaderSize: maxHeaderBytes,
  keepAliveTimeout: 90_000,
  /** As upstream, for whoever is slow to say what it wants. */
  headersTimeout: 32_000,
  handshakeTimeout: 32_000,
  requestTimeout: 0,
};
/** Finds out about clients that are gone without a word: their watches would stay for ever. */
const tcpKeepAliveMs = 180_000;

/** A server that accepts connections and can be told to stop. */
export interface RunningListener {
  readonly port: number;
  setTls(contents: TlsContents): void;
  /** Stops accepting connections; resolves once those that are open have ended, which `deadline` forces. */
  close(deadline: AbortSignal): Promise<void>;
}

/** HTTP/1.1 and HTTP/2 over TLS on one port; client certificates are asked for and not required. */
export async function listen(
  options: { readonly address: string; readonly port: number; readonly tls: TlsContents },
  listener: Listener,
): Promise<RunningListener> {
  const server = createSecureServer({
    ...options.tls,
    ...limits,
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    settings: { maxConcurrentStreams: 1_000 },
  });
  server.on("secureConnection", (socket) => socket.setKeepAlive(true, tcpKeepAliveMs));
  closeIdleSessions(server, limits.keepAliveTimeout);
  const connections = new OpenConnections(server);
  server.on("request", listener);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    listener(request, upgradeResponse(request, socket), { socket, head });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    setTls: (contents) => server.setSecureContext({ ...contents }),
    close: (deadline) => connections.close(deadline),
  };
}

/** A server for connections that are handed to it, without a port. */
export function createMemoryServer(listener: Listener): Server {
  const server = createServer({ maxHeaderSize: limits.maxHeaderSize, requestTimeout: 0 }, listener);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    listener(request, upgradeResponse(request, socket), { socket, head });
  });
  return server;
}

/** Lets an upgrade request be refused with an ordinary answer. */
function upgradeResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.assignSocket(socket as Socket);
  response.shouldKeepAlive = false;
  response.once("finish", () => socket.end());
  socket.on("error", () => {});
  return response;
}
