import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "@tskube/base";
import type { Balancer } from "./balancer.ts";

/** Without packets for this long a client's flow is forgotten. */
const idleMs = 60_000;
const maxFlows = 4_096;

interface Flow {
  readonly socket: Socket;
  readonly send: (message: Buffer) => void;
  lastSeenMs: number;
  cancelTimer: () => void;
}

/** Datagrams kept while a socket gets connected, which takes one turn of the event loop. */
const maxEarly = 16;

/** Connects the socket, so that it takes answers of its endpoint only, and returns how to send through it from now on. */
function sendOnceConnected(socket: Socket, port: number, address: string): (message: Buffer) => void {
  let early: Buffer[] | undefined = [];
  socket.connect(port, address, () => {
    for (const message of early ?? []) socket.send(message);
    early = undefined;
  });
  return (message) => {
    if (!early) socket.send(message);
    else if (early.length < maxEarly) early.push(message);
  };
}

/** Listens on an address and carries each client's datagrams to one endpoint, and the answers back. */
export async function startUdpProxy(
  host: string,
  port: number,
  balancer: Balancer,
  clock: Clock,
): Promise<{ close(): void }> {
  const type = isIPv6(host) ? "udp6" : "udp4";
  const server = createSocket(type);
  const flows = new Map<string, Flow>();

  server.on("message", (message, from) => {
    const key = `${from.address}:${from.port}`;
    const flow = flows.get(key) ?? begin(key, from.address, from.port);
    if (!flow) return;
    flow.lastSeenMs = clock.monotonic();
    flow.send(message);
  });

  /** Past the limit new clients get no answer: existing flows matter more than memory without bound. */
  function begin(key: string, address: string, clientPort: number): Flow | undefined {
    const endpoint = flows.size < maxFlows ? balancer.pick(address) : undefined;
    if (!endpoint) return undefined;
    const socket = createSocket(isIPv6(endpoint.address) ? "udp6" : "udp4");
    const flow: Flow = {
      socket,
      send: sendOnceConnected(socket, endpoint.port, endpoint.address),
      lastSeenMs: clock.monotonic(),
      cancelTimer: () => {},
    };
    socket.on("message", (answer) => {
      flow.lastSeenMs = clock.monotonic();
      server.send(answer, clientPort, address);
    });
    socket.on("error", () => end(key, flow));
    flows.set(key, flow);
    watchIdle(key, flow);
    return flow;
  }

  function watchIdle(key: string, flow: Flow): void {
    flow.cancelTimer = clock.after(idleMs - (clock.monotonic() - flow.lastSeenMs), () => {
      if (clock.monotonic() - flow.lastSeenMs >= idleMs) end(key, flow);
      else watchIdle(key, flow);
    });
  }

  function end(key: string, flow: Flow): void {
    flow.cancelTimer();
    if (flows.get(key) === flow) flows.delete(key);
    flow.socket
      .removeAllListeners("error")
      .on("error", () => {})
      .close();
  }

  await new Promise<void>((resolve, reject) => server.once("error", reject).bind(port, host, resolve));
  server.on("error", () => {}); // a send to a client that is gone
  return {
    close() {
      for (const [key, flow] of flows) end(key, flow);
      server.close();
    },
  };
}
