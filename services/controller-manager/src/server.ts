import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { lead, loadClientConfig } from "@tskube/client";
import { openTlsFiles, startHealthServer } from "@tskube/component";
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

async function serveHealth(config: Config, { clock, logger, metrics }: Deps, closer: Closer): Promise<void> {
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile, clientCaFile } = config;
  if (config.securePort === 0) return;
  if (!certFile || !keyFile) {
    // Without a certificate nobody could tell who asks: health is for this machine only.
    closer.add(await startHealthServer({ host: "127.0.0.1", port: config.securePort, metrics, logger }));
    return;
  }
  const tls = closer.add(openTlsFiles({ certFile, keyFile, ...(clientCaFile && { clientCaFile }) }, { clock, logger }));
  closer.add(await startHealthServer({ host: config.bindAddress, port: config.securePort, tls, metrics, logger }));
}
