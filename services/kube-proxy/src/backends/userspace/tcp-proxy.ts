import { connect, createServer, type Server, type Socket } from "node:net";
import type { Balancer } from "./balancer.ts";

/** An endpoint that takes longer to accept is passed over. */
const connectTimeoutMs = 5_000;
/** How many endpoints a connection tries before it is refused. */
const maxTries = 4;

/** Listens on an address and carries each connection to an endpoint. Half-closed connections stay half open. */
export async function startTcpProxy(host: string, port: number, balancer: Balancer): Promise<{ close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    track(sockets, client);
    client.on("error", () => client.destroy());
    dial(balancer, client.remoteAddress ?? "").then(
      (endpoint) => {
        track(sockets, endpoint);
        join(client, endpoint);
      },
      () => client.resetAndDestroy(), // no endpoint accepts: what a refused connection looks like to the client
    );
  });
  await listen(server, host, port);
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

async function dial(balancer: Balancer, client: string): Promise<Socket> {
  let lastError: unknown = new Error("no endpoints");
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const endpoint = balancer.pick(client);
    if (!endpoint) break;
    try {
      return await open(endpoint.address, endpoint.port);
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, timeout: connectTimeoutMs });
    socket.once("connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error("timed out")));
    socket.once("error", reject);
  });
}

function join(client: Socket, endpoint: Socket): void {
  client.on("error", () => endpoint.destroy());
  endpoint.on("error", () => client.destroy());
  client.on("close", (hadError) => hadError && endpoint.destroy());
  endpoint.on("close", (hadError) => hadError && client.destroy());
  if (client.destroyed) endpoint.destroy();
  client.pipe(endpoint);
  endpoint.pipe(client);
}
