import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

export interface StreamProxyOptions {
  /** A connection on which nothing moves for this long is ended. */
  readonly idleMs: number;
  readonly connectMs: number;
}

/**
 * Hands an upgraded connection (SPDY/3.1 or WebSocket) on to the runtime's streaming server at `target`: the request as it came, under the
 * target's path, then bytes both ways. The kubelet has no part in the protocol, so that whatever client and runtime agree on works.
 */
export function proxyStream(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  target: string,
  options: StreamProxyOptions,
): Promise<void> {
  const url = new URL(target);
  return new Promise((resolve, reject) => {
    const upstream = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80) });
    let isConnected = false;
    const end = (error?: Error) => {
      upstream.destroy();
      if (isConnected || !error) {
        client.destroy();
        resolve();
      } else reject(new Error(`cannot reach the runtime's streaming server at ${url.host}`, { cause: error }));
    };
    upstream.setTimeout(options.connectMs, () => end(new Error("timed out")));
    upstream.once("connect", () => {
      isConnected = true;
      upstream.setTimeout(options.idleMs, () => end());
      upstream.setNoDelay(true);
      upstream.write(requestHead(request, url));
      if (head.length > 0) upstream.write(head);
      // Half-closed either way: an exec's input may end long before its output does.
      client.pipe(upstream);
      upstream.pipe(client);
    });
    upstream.once("error", end);
    upstream.once("close", () => end());
    client.once("error", () => end());
    client.once("close", () => end());
  });
}

/** Names of headers that are for the kubelet alone. */
const notPassedOn = new Set(["host", "authorization"]);

function requestHead(request: IncomingMessage, url: URL): string {
  const lines = [`${request.method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = "", value = ""] = request.rawHeaders.slice(at, at + 2);
    if (!notPassedOn.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
