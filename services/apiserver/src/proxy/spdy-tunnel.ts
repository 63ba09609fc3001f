import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest } from "@tskube/apimachinery";
import type { WebSocket } from "ws";
import { protocolsWithoutToken } from "../auth/index.ts";
import type { Exchange } from "../http/exchange.ts";
import { endToEndHeaders, join, openUpgraded, type Upstream } from "./upstream.ts";

/** How kubectl (1.31 and later) forwards ports: one WebSocket whose messages carry the bytes of a SPDY connection. */
const tunnelProtocol = "SPDY/3.1+portforward.k8s.io";
/** A frame of SPDY, the largest piece that a client sends at once, is no longer. */
const maxMessageBytes = 16 * 1024 * 1024;

/** Whether a client wants SPDY inside a WebSocket. */
export function asksForSpdyTunnel(exchange: Exchange): boolean {
  const isWebSocket = exchange.header("upgrade")?.toLowerCase() === "websocket";
  return isWebSocket && protocolsWithoutToken(exchange.request.headers).includes(tunnelProtocol);
}

/**
 * Ends the client's WebSocket here and speaks SPDY to the server behind, which need not know WebSocket; resolves when it has ended.
 * The server behind is asked first, so that its refusal reaches the client as an HTTP answer.
 */
export async function tunnelSpdy(exchange: Exchange, upstream: Upstream, path: string): Promise<void> {
  const { upgrade } = exchange;
  if (!upgrade) throw badRequest("unable to upgrade: missing upgrade headers in request");
  const far = await openUpgraded(exchange, upstream, { method: "POST", path }, spdyHeaders(exchange));
  exchange.noteStatus(101);
  exchange.releaseSocket();
  const near = await accept(exchange.request as IncomingMessage, upgrade.socket, upgrade.head);
  if (far.head.byteLength > 0) near.write(far.head);
  await join(near, far.socket);
}

function spdyHeaders(exchange: Exchange): Record<string, string | string[]> {
  const others = Object.entries(endToEndHeaders(exchange)).filter(([name]) => !name.startsWith("sec-websocket-"));
  return {
    ...Object.fromEntries(others),
    connection: "Upgrade",
    upgrade: "SPDY/3.1",
    "x-stream-protocol-version": "portforward.k8s.io",
  };
}

/** `ws` takes names of protocols to be tokens, which have no slash; it is kept from seeing this one, and the answer is completed here. */
async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<Duplex> {
  const { createWebSocketStream, WebSocketServer } = await import("ws"); // not for a server that forwards no ports
  const { "sec-websocket-protocol": _offered, ...headers } = request.headers;
  const unnamed = Object.create(request, { headers: { value: headers } }) as IncomingMessage;
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: maxMessageBytes });
  server.on("headers", (lines) => lines.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`));
  const webSocket = await new Promise<WebSocket>((resolve, reject) => {
    socket.once("close", () => reject(new Error("the client has left before its WebSocket stood")));
    server.handleUpgrade(unnamed, socket, head, resolve);
  });
  return createWebSocketStream(webSocket);
}
