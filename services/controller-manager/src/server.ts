import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { lead, loadClientConfig, openPathAuthorizer } from "@tskube/client";
import { openServingTls, startHealthServer } from "@tskube/component";
import type { Config } from "./config.ts";
import { openClients } from "./credentials/clients.ts";
import { runControllers } from "./run-controllers.ts";

export interface Deps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Runs the chosen controllers until `signal` aborts; with leader election only while holding the lease, whose loss rejects. */
export async function run(config: Config, deps: Deps, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const closer = new Closer();
  try {
    await serveHealth(config, deps, closer);
    const clients = openClients(loadClientConfig({ path: config.kubeconfig }), config, deps);
    closer.add(clients);
    const work = (working: AbortSignal) => runControllers(config, deps, clients, working);
    if (!config.leaderElect) return await work(signal);
    await lead(
      {
        client: clients.own,
        namespace: config.leaderElectResourceNamespace,
        name: config.leaderElectResourceName,
        identity: `${hostname()}_${randomUUID()}`,
        clock,
        logger,
        leaseDurationMs: config.leaderElectLeaseDuration,
        renewDeadlineMs: config.leaderElectRenewDeadline,
        retryPeriodMs: config.leaderElectRetryPeriod,
      },
      work,
      signal,
    );
  } finally {
    await closer.close();
  }
}

/** Health for everybody, metrics for those whom the API server lets see them. */
async function serveHealth(config: Config, deps: Deps, closer: Closer): Promise<void> {
  if (config.securePort === 0) return;
  const { bindAddress: host, securePort: port } = config;
  const { authorize } = closer.add(openPathAuthorizer(config, { ...deps, userAgent: "kube-controller-manager" }));
  const tls = closer.add(await openServingTls(config, { name: "localhost", addresses: ["127.0.0.1"] }, deps));
  const { logger, metrics } = deps;
  closer.add(await startHealthServer({ host, port, tls, metrics, authorize, logger }));
}
