import type { Clock } from "@tskube/base";
import type { ProxyEndpoint } from "../../model/service-port.ts";

/** How many clients one port remembers at most; the longest silent is forgotten first. */
const maxClients = 10_000;

interface Binding {
  readonly endpoint: ProxyEndpoint;
  lastSeenMs: number;
}

/** Picks endpoints for the clients of one port: in turn, or the same for a client within its affinity time. */
export class Balancer {
  readonly #clock: Clock;
  readonly #bindings = new Map<string, Binding>();
  #endpoints: readonly ProxyEndpoint[] = [];
  #affinityMs: number | undefined;
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  update(endpoints: readonly ProxyEndpoint[], affinitySeconds: number | undefined): void {
    this.#endpoints = endpoints;
    this.#affinityMs = affinitySeconds === undefined ? undefined : affinitySeconds * 1000;
    for (const [client, { endpoint }] of this.#bindings) {
      if (this.#affinityMs === undefined || !endpoints.some((one) => sameEndpoint(one, endpoint)))
        this.#bindings.delete(client);
    }
  }

  /** The endpoint for a new connection, or undefined if there is none. */
  pick(client: string): ProxyEndpoint | undefined {
    const nowMs = this.#clock.monotonic();
    const bound = this.#bindings.get(client);
    if (bound && this.#affinityMs !== undefined && nowMs - bound.lastSeenMs < this.#affinityMs) {
      this.#remember(client, { ...bound, lastSeenMs: nowMs });
      return bound.endpoint;
    }
    const endpoint = this.#endpoints[this.#next++ % Math.max(1, this.#endpoints.length)];
    if (endpoint && this.#affinityMs !== undefined) this.#remember(client, { endpoint, lastSeenMs: nowMs });
    return endpoint;
  }

  /** A map keeps the order of insertion: the first entry is the longest silent. */
  #remember(client: string, binding: Binding): void {
    this.#bindings.delete(client);
    this.#bindings.set(client, binding);
    const [oldest] = this.#bindings.keys();
    if (this.#bindings.size > maxClients && oldest !== undefined) this.#bindings.delete(oldest);
  }
}

function sameEndpoint(a: ProxyEndpoint, b: ProxyEndpoint): boolean {
  return a.address === b.address && a.port === b.port;
}
