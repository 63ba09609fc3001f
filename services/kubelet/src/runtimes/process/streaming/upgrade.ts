import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The first of `known` that a client offers in a header, which may come several times and hold lists. */
export function negotiate(offered: string | string[] | undefined, known: readonly string[]): string | undefined {
  const offers = [offered ?? []].flat().flatMap((value) => value.split(",").map((item) => item.trim()));
  return known.find((protocol) => offers.includes(protocol));
}

export const isWebSocket = (request: IncomingMessage): boolean => /websocket/i.test(request.headers.upgrade ?? "");
export const isSpdy = (request: IncomingMessage): boolean => /^spdy\/3\.1$/i.test(request.headers.upgrade ?? "");

/** Answers an upgrade to SPDY; the socket speaks it from then on. */
export function acceptSpdy(socket: Duplex, protocol: string): void {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    "Upgrade: SPDY/3.1",
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
}

export function refuse(socket: Duplex, status: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
