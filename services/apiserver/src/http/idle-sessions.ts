import type { Http2SecureServer, Http2Server } from "node:http2";

/** Ends HTTP/2 connections over which nothing has been asked for so long; Node does so for HTTP/1.1 alone. */
export function closeIdleSessions(server: Pick<Http2SecureServer | Http2Server, "on">, idleMs: number): void {
  server.on("session", (session) => {
    let openStreams = 0;
    // A session's timeout comes once; it is set anew when the last stream has ended.
    const startTimeout = () => {
      if (openStreams === 0 && !session.closed) session.setTimeout(idleMs);
    };
    session.on("stream", (stream) => {
      openStreams++;
      stream.once("close", () => {
        openStreams--;
        startTimeout();
      });
    });
    session.on("timeout", () => {
      if (openStreams === 0) session.close();
    });
    startTimeout();
  });
}
