import { hostname } from "node:os";
import { type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { type Client, createClient, loadClientConfig, startEventRecorder } from "@tskube/client";
import { HealthChecks, startHealthServer } from "@tskube/component";
import { createCriClient } from "@tskube/cri";
import type { KubeletConfig } from "./config.ts";
import { startKubelet } from "./kubelet.ts";
import { readMachine } from "./node/machine.ts";
import { kubeletVersion } from "./version.ts";
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
    const client = deps.client ?? closer.add(openClient(config, nodeName, deps));
    const cri = closer.add(createCriClient(config.containerRuntimeEndpoint));
    const imageCri = config.imageServiceEndpoint ? closer.add(createCriClient(config.imageServiceEndpoint)) : cri;
    const events = closer.add(
      startEventRecorder({ client, source: { component: "kubelet", host: nodeName }, clock, logger }),
    );
    const kubelet = await startKubelet(
      config,
      {
        client,
        runtime: cri.runtime,
        images: imageCri.images,
        events,
        mounter: process.getuid?.() === 0 ? systemMounter : unprivilegedMounter,
        machine: await readMachine(),
        nodeName,
        clock,
        logger,
      },
      signal,
    );
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

function openClient(config: KubeletConfig, nodeName: string, { clock, logger }: ServerDeps): Client {
  return createClient(loadClientConfig({ path: config.kubeconfig }), {
    userAgent: `kubelet/${kubeletVersion} (linux) tskube/${nodeName}`,
    qps: config.kubeApiQps,
    burst: config.kubeApiBurst,
    clock,
    logger,
  });
}
