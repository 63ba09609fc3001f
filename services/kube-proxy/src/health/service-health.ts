import { createServer, type Server } from "node:http";
import { errorMessage, type Logger } from "@tskube/base";
import type { ServicePort } from "../model/service-port.ts";
import { closeServer, listen } from "./proxy-health.ts";

interface ServiceHealth {
  readonly namespace: string;
  readonly name: string;
  readonly localEndpoints: number;
}

interface OpenPort {
  readonly server: Server;
  health: ServiceHealth;
}

/**
 * Answers on the healthCheckNodePort of each service with `externalTrafficPolicy: Local`: 200 while this node has endpoints of it, so that a
 * load balancer sends its traffic only to such nodes.
 */
export class ServiceHealthPorts {
  readonly #host: string;
  readonly #logger: Logger;
  readonly #isProxyHealthy: () => boolean;
  readonly #open = new Map<number, OpenPort>();
  #work: Promise<void> = Promise.resolve();

  constructor(host: string, logger: Logger, isProxyHealthy: () => boolean) {
    this.#host = host;
    this.#logger = logger;
    this.#isProxyHealthy = isProxyHealthy;
  }

  /** Brings the open ports in line; calls are worked off one after the other. */
  update(ports: readonly ServicePort[]): void {
    this.#work = this.#work.then(() => this.#update(healthByPort(ports)));
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#update(new Map());
  }

  async #update(wanted: ReadonlyMap<number, ServiceHealth>): Promise<void> {
    for (const [port, { server }] of this.#open) {
      if (wanted.has(port)) continue;
      this.#open.delete(port);
      await closeServer(server);
    }
    for (const [port, health] of wanted) {
      const known = this.#open.get(port);
      if (known) known.health = health;
      else await this.#begin(port, health);
    }
  }

  async #begin(port: number, health: ServiceHealth): Promise<void> {
    const server = createServer((_, response) => {
      const { namespace, name, localEndpoints } = this.#open.get(port)?.health ?? health;
      const isProxyHealthy = this.#isProxyHealthy();
      const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: isProxyHealthy };
      response
        .writeHead(localEndpoints > 0 && isProxyHealthy ? 200 : 503, {
          "content-type": "application/json",
          "x-load-balancing-endpoint-weight": String(localEndpoints),
        })
        .end(JSON.stringify(body));
    });
    try {
      await listen(server, this.#host, port);
      this.#open.set(port, { server, health });
    } catch (error) {
      this.#logger.warn(
        { port, service: `${health.namespace}/${health.name}`, error: errorMessage(error) },
        "cannot serve a health check node port",
      );
    }
  }
}

/** A service's ports may lead to different endpoints: the node is good when it has any. */
function healthByPort(ports: readonly ServicePort[]): Map<number, ServiceHealth> {
  const found = new Map<number, ServiceHealth>();
  for (const { healthCheckNodePort, namespace, name, localEndpoints } of ports) {
    if (healthCheckNodePort === 0) continue;
    const before = found.get(healthCheckNodePort)?.localEndpoints ?? 0;
    found.set(healthCheckNodePort, { namespace, name, localEndpoints: Math.max(before, localEndpoints.length) });
  }
  return found;
}
