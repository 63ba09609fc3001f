import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { createClient, lead, loadClientConfig, openPathAuthorizer, startEventRecorder } from "@tskube/client";
import { type ConfigDocument, openServingTls, startHealthServer } from "@tskube/component";
import { readConfiguration } from "./config/scheduler-configuration.ts";
import type { Config } from "./config.ts";
import { type AssembledScheduler, createScheduler } from "./create-scheduler.ts";
import type { PluginDefinition } from "./framework/handle.ts";

export interface Deps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** The configuration file, when one was given. */
  readonly document?: ConfigDocument | undefined;
  /** Plugins besides those of this package. */
  readonly plugins?: readonly PluginDefinition[];
}

/** Assigns pods to nodes until `signal` aborts. Rejects when the lease is lost: two might schedule at once otherwise. */
export async function run(config: Config, deps: Deps, signal: AbortSignal): Promise<void> {
  const { clock, logger, metrics } = deps;
  const configuration = readConfiguration(deps.document);
  const closer = new Closer();
  try {
    const clientConfig = loadClientConfig({ path: config.kubeconfig });
    const clientOf = (userAgent: string) => {
      const options = { userAgent, logger, clock, qps: config.kubeApiQps, burst: config.kubeApiBurst };
      return closer.add(createClient(clientConfig, options));
    };
    const client = clientOf("kube-scheduler");
    // Events and the lease have budgets of their own, so that neither bindings nor they wait for each other.
    const source = { component: "default-scheduler" };
    const events = closer.add(startEventRecorder({ client: clientOf("kube-scheduler/events"), source, clock, logger }));
    const scheduler = createScheduler(configuration, {
      client,
      events,
      clock,
      logger,
      metrics,
      random: Math.random,
      ...(deps.plugins && { plugins: deps.plugins }),
    });
    await serve(config, deps, closer, scheduler);
    if (!config.leaderElect) {
      await scheduler.run(signal);
      return;
    }
    await lead(
      {
        client: clientOf("kube-scheduler/leader-election"),
        namespace: config.leaderElectResourceNamespace,
        name: config.leaderElectResourceName,
        identity: `${hostname()}_${randomUUID()}`,
        clock,
        logger,
        leaseDurationMs: config.leaderElectLeaseDuration,
        renewDeadlineMs: config.leaderElectRenewDeadline,
        retryPeriodMs: config.leaderElectRetryPeriod,
      },
      (leading) => scheduler.run(leading),
      signal,
    );
  } finally {
    await closer.close();
  }
}

/** Health for everybody, metrics and configuration for those whom the API server lets see them. */
async function serve(config: Config, deps: Deps, closer: Closer, scheduler: AssembledScheduler): Promise<void> {
  if (config.securePort === 0) return;
  const { bindAddress: host, securePort: port } = config;
  const { authorize } = closer.add(openPathAuthorizer(config, { ...deps, userAgent: "kube-scheduler" }));
  const tls = closer.add(await openServingTls(config, { name: "localhost", addresses: ["127.0.0.1"] }, deps));
  const { logger, metrics } = deps;
  const server = closer.add(
    await startHealthServer({ host, port, tls, metrics, authorize, configz: () => config, logger }),
  );
  server.checks.add("informer-sync", () => {
    // One that waits for the lease is ready to take over.
    if (!config.leaderElect && !scheduler.hasSynced) throw new Error("the watches have not synced");
  }, ["readyz"]);
}
