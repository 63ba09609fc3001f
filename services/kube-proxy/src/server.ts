import { hostname } from "node:os";
import { aborted, type Clock, Closer, errorMessage, type Logger, type MetricsRegistry } from "@tskube/base";
import { createClient, createInformers, kinds, loadClientConfig, startEventRecorder } from "@tskube/client";
import { parseHostPort, startHealthServer } from "@tskube/component";
import { backends, chooseBackend } from "./backends/index.ts";
import { runTool } from "./backends/run-tool.ts";
import type { Config } from "./config.ts";
import { startProxyHealth } from "./health/proxy-health.ts";
import { ServiceHealthPorts } from "./health/service-health.ts";
import type { ServicePort } from "./model/service-port.ts";
import { Proxier } from "./sync/proxier.ts";
import { createProxyMetrics } from "./sync/proxy-metrics.ts";
import { staleFlows } from "./sync/stale-flows.ts";

export interface Deps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Services that another proxy serves, or none, are left alone (upstream's kube-proxy). */
const proxiedSelector = "!service.kubernetes.io/service-proxy-name,!service.kubernetes.io/headless";

/** Makes services reachable on this node until `signal` aborts. The kernel's rules stay when it ends. */
export async function run(config: Config, deps: Deps, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const backendDeps = { run: runTool, clock, logger };
  const backendOptions = {
    clusterCidr: config.clusterCidr,
    masqueradeAll: config.masqueradeAll,
    masqueradeBit: config.masqueradeBit,
  };
  if (config.cleanup) {
    for (const backend of backends) {
      if (await backend.isUsable(backendDeps, signal))
        await backend.create("IPv4", backendOptions, backendDeps).cleanUp();
    }
    return;
  }
  const closer = new Closer();
  try {
    const nodeName = config.hostnameOverride ?? hostname().toLowerCase();
    const definition = await chooseBackend(config.proxyMode, backendDeps, signal);
    const backend = closer.add(definition.create("IPv4", backendOptions, backendDeps));
    const metrics = createProxyMetrics(deps.metrics);
    const node = { isEligible: true };
    const isHealthy = () => metrics.lastSyncMs !== undefined && clock.now() - metrics.lastSyncMs < healthyMs(config);
    const healthPorts = closer.add(new ServiceHealthPorts("0.0.0.0", logger, isHealthy));
    const forgetFlows = flowForgetter(deps, signal);
    const proxier = new Proxier(
      { nodeName, family: "IPv4", minSyncPeriodMs: config.minSyncPeriod, syncPeriodMs: config.syncPeriod },
      {
        backend,
        clock,
        logger,
        metrics,
        synced(ports) {
          healthPorts.update(ports);
          if (backend.name !== "userspace") forgetFlows(ports);
        },
      },
    );
    await serve(config, deps, closer, { lastSyncMs: () => metrics.lastSyncMs, isNodeEligible: () => node.isEligible });

    const client = createClient(loadClientConfig({ path: config.kubeconfig }), {
      userAgent: "kube-proxy",
      logger,
      qps: config.kubeApiQps,
      burst: config.kubeApiBurst,
    });
    const informers = createInformers({ client, clock, logger });
    const services = informers.for(kinds.Service, { labelSelector: proxiedSelector });
    const slices = informers.for(kinds.EndpointSlice, { labelSelector: proxiedSelector });
    const nodes = informers.for(kinds.Node, { fieldSelector: `metadata.name=${nodeName}` });
    services.on({
      add: (service) => proxier.setService(service),
      update: (_, service) => proxier.setService(service),
      delete: (service) => proxier.deleteService(service),
    });
    slices.on({
      add: (slice) => proxier.setSlice(slice),
      update: (_, slice) => proxier.setSlice(slice),
      delete: (slice) => proxier.deleteSlice(slice),
    });
    const seen = (object: Parameters<typeof proxier.setNode>[0]) => {
      proxier.setNode(object);
      node.isEligible = object.metadata.deletionTimestamp === undefined;
    };
    nodes.on({ add: seen, update: (_, object) => seen(object) });
    const watching = informers.start(signal);
    closer.add(() => watching);

    logger.info({ node: nodeName, mode: backend.name }, "waiting for services and endpoint slices");
    await Promise.all([services.synced(signal), slices.synced(signal)]);
    logger.info({ node: nodeName, mode: backend.name }, "proxying services");
    const source = { component: "kube-proxy", host: nodeName };
    const events = closer.add(startEventRecorder({ client, source, clock, logger }));
    // The node by its name, as kubelets refer to it; without a message, as upstream's.
    events.record({ apiVersion: "v1", kind: "Node", name: nodeName, uid: nodeName }, "Normal", "Starting", "");
    await proxier.run(signal);
    await aborted(signal);
  } finally {
    await closer.close();
  }
}

/** A sync may fail and be tried again twice before load balancers turn away. */
function healthyMs(config: Config): number {
  return config.syncPeriod * 2 + 30_000;
}

async function serve(
  config: Config,
  deps: Deps,
  closer: Closer,
  health: { lastSyncMs(): number | undefined; isNodeEligible(): boolean },
): Promise<void> {
  if (config.healthzBindAddress) {
    const options = { ...parseHostPort(config.healthzBindAddress), healthyMs: healthyMs(config) };
    closer.add(await startProxyHealth(options, { clock: deps.clock, ...health }));
  }
  if (config.metricsBindAddress) {
    const { host, port } = parseHostPort(config.metricsBindAddress);
    closer.add(
      await startHealthServer({ host, port, metrics: deps.metrics, configz: () => config, logger: deps.logger }),
    );
  }
}

/** Calls the conntrack tool for UDP flows that a sync made stale. Without the tool they end by their own time-out. */
function flowForgetter({ logger }: Deps, signal: AbortSignal): (ports: readonly ServicePort[]) => void {
  let before: readonly ServicePort[] = [];
  let isMissing = false;
  return (ports) => {
    const flows = staleFlows(before, ports);
    before = ports;
    if (isMissing) return;
    for (const flow of flows) {
      runTool(["conntrack", ...flow], "", signal).catch((error: unknown) => {
        const message = errorMessage(error);
        if (message.includes("0 flow entries")) return; // there were none
        isMissing ||= message.includes("ENOENT");
        logger.debug({ flow: flow.join(" "), error: message }, "cannot forget flows");
      });
    }
  };
}
