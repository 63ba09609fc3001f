import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import { Server, type Socket } from "node:net";

/** A server's connections, so that it can stop: idle ones at once, others when their requests have ended. */
export class OpenConnections {
  readonly #server: Http2SecureServer;
  readonly #sessions = new Set<ServerHttp2Session>();
  /** HTTP/1.1 connections with the number of their requests under way. */
  readonly #sockets = new Map<Socket, number>();
  readonly #all = new Set<Socket>();
  #isClosing = false;

  constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on("secureConnection", (socket) => {
      this.#all.add(socket);
      if (socket.alpnProtocol !== "h2") this.#sockets.set(socket, 0);
      socket.once("close", () => {
        this.#all.delete(socket);
        this.#sockets.delete(socket);
      });
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
    });
    server.on("request", (request: IncomingMessage | Http2ServerRequest, response) => this.#count(request, response));
  }

  /** Accepts no more; resolves when all have ended, which `deadline` forces. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#isClosing = true;
    // Not the HTTP server's own way to close, which destroys sockets whose last answer has not left yet.
    const closed = new Promise<void>((resolve) => Server.prototype.close.call(this.#server, () => resolve()));
    for (const session of this.#sessions) session.close();
    for (const [socket, requests] of this.#sockets) if (requests === 0) endSoon(socket);
    const cut = () => {
      for (const socket of this.#all) socket.destroy();
    };
    deadline.addEventListener("abort", cut, { once: true });
    if (deadline.aborted) cut();
    await closed;
    deadline.removeEventListener("abort", cut);
  }

  #count(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
    if ("stream" in request) return;
    const { socket } = request;
    this.#sockets.set(socket, (this.#sockets.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (this.#sockets.get(socket) ?? 1) - 1;
      if (this.#sockets.has(socket)) this.#sockets.set(socket, left);
      if (this.#isClosing && left === 0) endSoon(socket);
    });
  }
}

/** How long a client may take to close its side. */
const lingerMs = 1_000;

/** Ends a connection so that what was written arrives: destroyed right after, a TLS socket can lose its last answer. */
function endSoon(socket: Socket): void {
  socket.setTimeout(lingerMs, () => socket.destroy());
  socket.end();
}
