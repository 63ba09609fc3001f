import type { KubeObject } from "@tskube/api";
import { type Clock, type Logger, silentLogger, systemClock } from "@tskube/base";
import type { ClientConfig } from "./config/client-config.ts";
import { type KindName, type KindTypes, kinds, type PluralOf } from "./kinds.ts";
import { type RateLimiter, tokenBucket, unlimited } from "./rest/rate-limiter.ts";
import type { ResourceInfo } from "./rest/resource.ts";
import { createResourceClient, type ResourceClient } from "./rest/resource-client.ts";
import { createRestClient, type RestClient } from "./rest/rest-client.ts";
import { httpsTransport } from "./transport/https.ts";
import type { Transport } from "./transport/transport.ts";

/** `client.pods("default")`, `client.nodes()`, …; without a namespace a namespaced resource is meant in all of them. */
export type KindClients = {
  readonly [K in KindName as PluralOf<K>]: (namespace?: string) => ResourceClient<KindTypes[K]>;
};

export interface Client extends KindClients {
  /** Any resource, custom ones included. */
  resource<T extends KubeObject = KubeObject>(info: ResourceInfo, namespace?: string): ResourceClient<T>;
  /** Requests that are not about objects: discovery, version, health. */
  readonly rest: RestClient;
  readonly transport: Transport;
  close(): void;
}

export interface ClientOptions {
  readonly userAgent: string;
  /** Requests a second over time and at once; client-go's 5 and 10 when absent, no limit when `qps` is negative. */
  readonly qps?: number;
  readonly burst?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const defaultQps = 5;
const defaultBurst = 10;

/** A client that speaks TLS to the server of `config`. Connects with the first request. */
export function createClient(config: ClientConfig, options: ClientOptions): Client {
  const clock = options.clock ?? systemClock;
  const transport = httpsTransport({ server: config.server, tls: config.tls, clock });
  return clientOver(transport, options, config.authorization);
}

/** A client over any transport: `over(handler)` in tests, a whole API server in the same process. */
export function clientOver(
  transport: Transport,
  options: ClientOptions,
  authorization?: () => Promise<string | undefined> | string | undefined,
): Client {
  const clock = options.clock ?? systemClock;
  const rest = createRestClient({
    transport,
    clock,
    logger: options.logger ?? silentLogger,
    limiter: limiterOf(options, clock),
    userAgent: options.userAgent,
    ...(authorization && { authorization }),
  });
  return {
    ...kindClients(rest),
    resource: (info, namespace) => createResourceClient(rest, info, namespace),
    rest,
    transport,
    close: () => transport.close(),
  };
}

function limiterOf({ qps = defaultQps, burst = defaultBurst }: ClientOptions, clock: Clock): RateLimiter {
  return qps < 0 ? unlimited : tokenBucket({ qps, burst, clock });
}

function kindClients(rest: RestClient): KindClients {
  const clients: Record<string, (namespace?: string) => unknown> = {};
  for (const info of Object.values(kinds))
    clients[info.resource] = (namespace) => createResourceClient(rest, info, namespace);
  return clients as unknown as KindClients;
}
