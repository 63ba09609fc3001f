import { setMaxListeners } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import type { Node, Pod } from "@tskube/api";
import { parseQuantity, quantityValue } from "@tskube/apimachinery";
import { backoffMs, type Clock, Closer, type Logger, sleep } from "@tskube/base";
import { type Client, createInformer, type EventRecorder, type Informer } from "@tskube/client";
import { CgroupDriver, type ImageService, type RuntimeService } from "@tskube/cri";
import { buildPods } from "./build-pods.ts";
import { type KubeletConfig, parsePairs, parseTaint } from "./config.ts";
import { Collector } from "./gc/collector.ts";
import { LogRotator } from "./logs/rotation.ts";
import { parseResolvConf } from "./network/dns.ts";
import { runNodeLease } from "./node/lease.ts";
import { hostAddresses, type Machine, readLoad } from "./node/machine.ts";
import { NodeAgent, type NodeAgentOptions } from "./node/node-agent.ts";
import { createPaths, type Paths } from "./node/paths.ts";
import { fullName, isMirror, uidOf } from "./pods/identity.ts";
import type { PodSet } from "./pods/pod-set.ts";
import { Pleg } from "./runtime/pleg.ts";
import { RuntimeView } from "./runtime/view.ts";
import { runMirrors } from "./sources/mirror-pods.ts";
import { StaticSource } from "./sources/static-source.ts";
import { StatusManager } from "./status/status-manager.ts";
import type { Mounter } from "./volumes/mounter.ts";

export interface KubeletDeps {
  readonly client: Client;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly events: EventRecorder;
  readonly mounter: Mounter;
  readonly machine: Machine;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The parts that the kubelet's API shows. */
export interface Kubelet {
  readonly pods: PodSet;
  readonly view: RuntimeView;
  readonly status: StatusManager;
  readonly paths: Paths;
  readonly node: NodeAgent;
  /** Resolves when everything has been closed after the signal aborted. */
  readonly done: Promise<void>;
}

const second = 1000;
const plegTimes = { relistMs: second, relistWithEventsMs: 30 * second, unhealthyAfterMs: 180 * second };
const logCheckMs = 10 * second;
const housekeepingMs = 120 * second;

/** Builds the kubelet's parts, joins them and starts them. */
export async function startKubelet(config: KubeletConfig, deps: KubeletDeps, signal: AbortSignal): Promise<Kubelet> {
  const { client, runtime, images, nodeName, clock, logger } = deps;
  setMaxListeners(0, signal); // every part and every request under way listens to it
  const closer = new Closer();
  const paths = createPaths(config.rootDir, config.podLogsDir);
  await mkdir(paths.podsDir(), { recursive: true, mode: 0o750 });
  await mkdir(config.podLogsDir, { recursive: true, mode: 0o755 });
  const version = await untilAnswered(() => runtime.version(), { clock, logger, signal });
  const cgroupDriver = await readCgroupDriver(runtime, config);
  const dns = parseResolvConf(await readFile(config.resolvConf ?? "", "utf8").catch(() => ""));
  const addresses = config.nodeIp.length > 0 ? config.nodeIp : hostAddresses().slice(0, 1);

  const apiPods = createInformer(
    { source: client.pods(), clock, logger },
    { fieldSelector: `spec.nodeName=${nodeName}` },
  );
  const nodes = createInformer(
    { source: client.nodes(), clock, logger },
    { fieldSelector: `metadata.name=${nodeName}` },
  );
  const services = createInformer({ source: client.services(), clock, logger });
  const ownNode = () => nodes.lister.get(nodeName);

  const view = new RuntimeView(runtime);
  const apiPod = (uid: string) => apiObjectOf(apiPods, pods, uid);
  const status = new StatusManager({ client, clock, logger, apiPod }, signal);
  const pods: PodSet = buildPods(
    config,
    deps,
    {
      view,
      status,
      paths,
      services: services.lister,
      runtimeName: version.runtimeName,
      cgroupDriver,
      dns,
      addresses,
      allocatable: () => node.allocatable,
      signal,
    },
    closer,
  );
  const pleg = new Pleg({ runtime, view, clock, logger, onChange: (uid) => pods.wake(uid) }, plegTimes);
  const node: NodeAgent = new NodeAgent(
    {
      ...deps,
      runtimeVersion: `${version.runtimeName}://${version.runtimeVersion}`,
      node: ownNode,
      addresses: () => addresses,
      problem: () => pleg.problem(),
    },
    nodeOptions(config, nodeName),
  );
  nodes.on({ add: (found) => void followNode(node, found), update: (_, found) => void followNode(node, found) });
  if (config.podCidr) await node.setPodCidr(config.podCidr);

  const staticSource = config.podManifestPath
    ? new StaticSource(
        { clock, logger, nodeName, put: (pod) => pods.put(pod), remove: (uid) => pods.remove(uid) },
        config.podManifestPath,
      )
    : undefined;
  const collector = new Collector(
    { runtime, images, view, clock, logger, load: () => readLoad(config.rootDir) },
    {
      highPercent: config.imageGcHighThreshold,
      lowPercent: config.imageGcLowThreshold,
      minimumAgeMs: config.imageMinimumGcAge,
    },
  );
  const maxBytes = quantityValue(parseQuantity(config.containerLogMaxSize));
  const rotator = new LogRotator(
    { runtime, view, clock, logger },
    { maxBytes, maxFiles: config.containerLogMaxFiles, periodMs: logCheckMs },
  );

  return { pods, view, status, paths, node, done: run() };

  async function run(): Promise<void> {
    await view.relist().catch(() => []); // what runs already is known before the first pod is looked at
    await staticSource?.read();
    await Promise.all([
      nodes.run(signal),
      services.run(signal),
      apiPods.run(signal),
      pleg.run(signal),
      node.run(signal),
      runNodeLease(
        { client, clock, logger, node: ownNode },
        { name: nodeName, durationSeconds: config.nodeLeaseDurationSeconds },
        signal,
      ),
      staticSource?.run(config.fileCheckFrequency, signal),
      staticSource &&
        runMirrors(
          {
            client,
            clock,
            logger,
            staticPods: () => staticSource.pods(),
            apiPods: () => apiPods.lister.list(),
            node: ownNode,
          },
          signal,
        ),
      followPods(apiPods, services, pods, status, signal),
      collector.run(signal),
      rotator.run(signal),
      keepHouse(pods, clock, signal),
    ]);
    pods.stop();
    await closer.close();
  }
}

function nodeOptions(config: KubeletConfig, name: string): NodeAgentOptions {
  return {
    name,
    rootDir: config.rootDir,
    port: config.port,
    capacity: {
      maxPods: config.maxPods,
      systemReserved: parsePairs(config.systemReserved),
      kubeReserved: parsePairs(config.kubeReserved),
    },
    labels: parsePairs(config.nodeLabels),
    taints: config.registerWithTaints.flatMap((written) => parseTaint(written) ?? []),
    isSchedulable: config.registerSchedulable,
    register: config.registerNode,
    updateMs: config.nodeStatusUpdateFrequency,
    reportMs: config.nodeStatusReportFrequency,
  };
}

async function followNode(agent: NodeAgent, found: Node): Promise<void> {
  await agent.setPodCidr(found.spec.podCIDR ?? "");
}

/** Takes pods from the API once services are known, for the first containers' environment needs them. */
async function followPods(
  apiPods: Informer<Pod>,
  services: { synced(signal: AbortSignal): Promise<void> },
  pods: PodSet,
  status: StatusManager,
  signal: AbortSignal,
): Promise<void> {
  await services.synced(signal);
  const take = (pod: Pod) => {
    pods.put(pod);
    const shown = isMirror(pod) ? pods.pods().find((each) => fullName(each) === fullName(pod)) : pod;
    if (shown) status.observe(pod, uidOf(shown));
  };
  const lose = (pod: Pod) => {
    // Its last state may bring a shorter grace period, as with a forced deletion.
    if (pod.metadata.deletionTimestamp) pods.get(uidOf(pod))?.update(pod);
    pods.remove(uidOf(pod));
  };
  apiPods.on({ add: take, update: (_, pod) => take(pod), delete: lose });
  await apiPods.synced(signal);
  if (!signal.aborted) pods.complete();
}

async function keepHouse(pods: PodSet, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(clock, housekeepingMs, signal);
    if (signal.aborted) return;
    pods.removeLeftovers();
  }
}

/** The object by which the API knows a pod: itself, or the mirror of a static one. */
function apiObjectOf(apiPods: Informer<Pod>, pods: PodSet, uid: string): Pod | undefined {
  const pod = pods.get(uid)?.pod;
  const found = pod && apiPods.lister.get(fullName(pod));
  return found && (uidOf(found) === uid || isMirror(found)) ? found : undefined;
}

async function readCgroupDriver(runtime: RuntimeService, config: KubeletConfig): Promise<"cgroupfs" | "systemd"> {
  const answer = await runtime.runtimeConfig().catch(() => undefined); // older runtimes do not say
  if (!answer?.linux) return config.cgroupDriver;
  return answer.linux.cgroupDriver === CgroupDriver.SYSTEMD ? "systemd" : "cgroupfs";
}

const answerRetry = { baseMs: 100, maxMs: 3000 };

/** A node's runtime may start after its kubelet. */
async function untilAnswered<T>(
  ask: () => Promise<T>,
  deps: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (deps.signal.aborted) throw error;
      if (failures % 10 === 1) deps.logger.warn({ err: error }, "the container runtime does not answer yet");
      await sleep(deps.clock, backoffMs(failures, answerRetry), deps.signal);
    }
  }
}
