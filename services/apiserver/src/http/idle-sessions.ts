import type { Http2SecureServer } from "node:http2";

/** Ends HTTP/2 connections over which nothing has been asked for so long; Node does so for HTTP/1.1 alone. */
export function closeIdleSessions(server: Http2SecureServer, idleMs: number): void {
  server.on("session", (session) => {
    let openStreams = 0;
    session.on("stream", (stream) => {
      openStreams++;
      stream.once("close", () => openStreams--);
    });
    session.setTimeout(idleMs);
    session.on("timeout", () => {
      if (openStreams === 0) session.close();
    });
  });
}
