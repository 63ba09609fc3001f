import { hostname } from "node:os";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { type Client, startEventRecorder } from "@tskube/client";
import { HealthChecks, openServingTls, startHealthServer } from "@tskube/component";
import { createCriClient, type RuntimeService } from "@tskube/cri";
import { openIssuedServing, openNodeClient } from "./certificates/open-certificates.ts";
import type { KubeletConfig } from "./config.ts";
import { Access } from "./http/access.ts";
import { createHandlers } from "./http/handlers.ts";
import { type KubeletServer, startKubeletServer } from "./http/kubelet-server.ts";
import { type Kubelet, startKubelet } from "./kubelet.ts";
import { type Machine, readMachine } from "./node/machine.ts";
import { registerKubeletMetrics } from "./stats/kubelet-metrics.ts";
import { systemMounter, unprivilegedMounter } from "./volumes/mounter.ts";

export interface ServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** A client other than the kubeconfig's, for tests. */
  readonly client?: Client;
}

/** How long the last events may take to be written when the kubelet ends. */
const flushMs = 1000;

/** Runs the kubelet until `signal` aborts. Pods go on without it: the next kubelet takes them over. */
export async function run(config: KubeletConfig, deps: ServerDeps, signal: AbortSignal): Promise<void> {
  const { clock, logger, metrics } = deps;
  const closer = new Closer();
  try {
    const nodeName = (config.hostnameOverride ?? hostname()).toLowerCase();
    const certificateDeps = { clock, logger, metrics, random: Math.random };
    const client = deps.client ?? (await openNodeClient(config, nodeName, certificateDeps, closer, signal));
    if (!client) return;
    const cri = closer.add(createCriClient(config.containerRuntimeEndpoint));
    const imageCri = config.imageServiceEndpoint ? closer.add(createCriClient(config.imageServiceEndpoint)) : cri;
    const events = closer.add(
      startEventRecorder({ client, source: { component: "kubelet", host: nodeName }, clock, logger }),
    );
    const machine = await readMachine();
    const kubelet = await startKubelet(
      config,
      {
        client,
        runtime: cri.runtime,
        images: imageCri.images,
        events,
        mounter: process.getuid?.() === 0 ? systemMounter : unprivilegedMounter,
        machine,
        nodeName,
        clock,
        logger,
      },
      signal,
    );
    closer.add(await serve(config, deps, { client, runtime: cri.runtime, kubelet, machine, nodeName }, closer));
    if (config.healthzPort > 0) {
      const checks = new HealthChecks();
      closer.add(
        await startHealthServer({ host: config.healthzBindAddress, port: config.healthzPort, checks, metrics, logger }),
      );
    }
    logger.info({ node: nodeName, port: config.port }, "the kubelet is up");
    await kubelet.done;
    await events.flush(AbortSignal.timeout(flushMs));
  } finally {
    await closer.close();
  }
}

interface Parts {
  readonly client: Client;
  readonly runtime: RuntimeService;
  readonly kubelet: Kubelet;
  readonly machine: Machine;
  readonly nodeName: string;
}

/** Serves the kubelet's API, which the API server uses for logs, exec and the like. */
async function serve(
  config: KubeletConfig,
  { clock, logger, metrics }: ServerDeps,
  parts: Parts,
  closer: Closer,
): Promise<KubeletServer> {
  const { client, kubelet, nodeName } = parts;
  registerKubeletMetrics(metrics, kubelet, nodeName);
  const access = new Access(client, clock, {
    nodeName,
    acceptsAnonymous: config.anonymousAuth,
    asksAboutTokens: config.authenticationTokenWebhook,
    asksAboutRights: config.authorizationMode === "Webhook",
  });
  const { handlers, upgrades } = createHandlers({
    ...parts,
    clock,
    metrics,
    rootDir: config.rootDir,
    configz: config,
    idleMs: config.streamingConnectionIdleTimeout,
  });
  const given = await openServingTls(config, { name: nodeName, addresses: config.nodeIp }, { clock, logger });
  const certificateDeps = { clock, logger, metrics, random: Math.random };
  const tls = closer.add(openIssuedServing(config, nodeName, given, client, certificateDeps, closer));
  return startKubeletServer({ host: config.address, port: config.port, tls, access, handlers, upgrades, logger });
}
