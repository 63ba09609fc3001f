import { mkdir, readFile } from "node:fs/promises";
import type { Node, Pod } from "@tskube/api";
import { backoffMs, type Clock, Closer, type Logger } from "@tskube/base";
import { type Client, createInformer, type EventRecorder, type Informer } from "@tskube/client";
import { CgroupDriver, type ImageService, type RuntimeService } from "@tskube/cri";
import { type KubeletConfig, parsePairs, parseTaint } from "./config.ts";
import { serviceEnvironment } from "./env/service-environment.ts";
import { parseResolvConf } from "./network/dns.ts";
import { runNodeLease } from "./node/lease.ts";
import { hostAddresses, type Machine } from "./node/machine.ts";
import { NodeAgent } from "./node/node-agent.ts";
import { createPaths, type Paths } from "./node/paths.ts";
import { TokenManager } from "./objects/tokens.ts";
import { WatchedObjects } from "./objects/watched-objects.ts";
import { BackOff } from "./pods/back-off.ts";
import { ContainerStarter } from "./pods/container-starter.ts";
import { createPodEvents } from "./pods/events.ts";
import { Gate } from "./pods/gate.ts";
import { createHookRunner } from "./pods/hooks.ts";
import { isMirror, uidOf } from "./pods/identity.ts";
import { ImagePuller } from "./pods/image-puller.ts";
import { Killer } from "./pods/killer.ts";
import { PodRunner } from "./pods/pod-runner.ts";
import { PodSet } from "./pods/pod-set.ts";
import { PodWorker } from "./pods/pod-worker.ts";
import { createProbeHandler } from "./probes/handlers.ts";
import { ProbeManager } from "./probes/probe-manager.ts";
import { readySandbox } from "./runtime/model.ts";
import { Pleg } from "./runtime/pleg.ts";
import { RuntimeView } from "./runtime/view.ts";
import { StatusManager } from "./status/status-manager.ts";
import { probeUserAgent } from "./version.ts";
import { volumePlugins } from "./volumes/index.ts";
import type { Mounter } from "./volumes/mounter.ts";
import { VolumeManager } from "./volumes/volume-manager.ts";

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
const backOffs = { image: { baseMs: 10 * second, maxMs: 300 * second }, containerBaseMs: 10 * second };
const pleg = { relistMs: second, relistWithEventsMs: 30 * second, unhealthyAfterMs: 180 * second };

/** Builds the kubelet's parts, joins them and starts them. */
export async function startKubelet(config: KubeletConfig, deps: KubeletDeps, signal: AbortSignal): Promise<Kubelet> {
  const { client, runtime, images, mounter, machine, nodeName, clock, logger } = deps;
  const closer = new Closer();
  const paths = createPaths(config.rootDir, config.podLogsDir);
  await mkdir(paths.podsDir(), { recursive: true, mode: 0o750 });
  await mkdir(config.podLogsDir, { recursive: true, mode: 0o755 });
  const version = await untilAnswered(() => runtime.version(), { clock, logger, signal });
  const cgroupDriver = await readCgroupDriver(runtime, config);
  const host = parseResolvConf(await readFile(config.resolvConf ?? "", "utf8").catch(() => ""));
  const addresses = config.nodeIp.length > 0 ? config.nodeIp : hostAddresses().slice(0, 1);
  const hostIps = () => addresses;

  const podEvents = createPodEvents(deps.events);
  const view = new RuntimeView(runtime);
  const objects = closer.add(
    new WatchedObjects({
      client,
      clock,
      logger,
      onChange: (uid) => {
        volumes.markChanged(uid);
        pods.wake(uid);
      },
    }),
  );
  const tokens = new TokenManager(client, clock);
  const volumes = new VolumeManager({
    plugins: volumePlugins(clock),
    paths,
    mounter,
    objects,
    tokens,
    clock,
    allocatable: () => node.allocatable,
  });
  const apiPods = createInformer<Pod>(
    { source: client.pods(), clock, logger },
    { fieldSelector: `spec.nodeName=${nodeName}` },
  );
  const nodes = createInformer<Node>(
    { source: client.nodes(), clock, logger },
    { fieldSelector: `metadata.name=${nodeName}` },
  );
  const services = createInformer({ source: client.services(), clock, logger }, {});
  const status = new StatusManager({ client, clock, logger, apiPod: (uid) => apiPodOf(apiPods, pods, uid) }, signal);

  const podIp = (pod: Pod) => {
    if (pod.spec.hostNetwork) return addresses[0];
    const runtimePod = view.get(uidOf(pod));
    return runtimePod && readySandbox(runtimePod)?.ips[0];
  };
  const hooks = createHookRunner({ runtime, clock, userAgent: probeUserAgent, podIp });
  const killer = new Killer({ runtime, events: podEvents, hooks, clock, logger });
  const imageBackOff = new BackOff(clock, backOffs.image);
  const containerBackOff = new BackOff(clock, { baseMs: backOffs.containerBaseMs, maxMs: config.maxContainerBackOff });
  const pulls = config.serializeImagePulls ? 1 : (config.maxParallelImagePulls ?? Number.POSITIVE_INFINITY);
  const puller = new ImagePuller({
    images,
    secrets: objects,
    events: podEvents,
    backOff: imageBackOff,
    clock,
    gate: new Gate(pulls),
  });
  const probes = closer.add(
    new ProbeManager({
      view,
      handler: createProbeHandler({ runtime, userAgent: probeUserAgent }),
      events: podEvents,
      clock,
      logger,
      hostIp: () => addresses[0],
      onChange: (uid) => pods.wake(uid),
    }),
  );
  const starter = new ContainerStarter({
    runtime,
    puller,
    killer,
    hooks,
    events: podEvents,
    objects,
    paths,
    mounter,
    clock,
    logger,
    resources: () => ({ nodeMemoryBytes: machine.memoryBytes, cpuCfsQuota: config.cpuCfsQuota }),
    allocatable: () => node.allocatable,
    serviceVariables: (pod) =>
      serviceEnvironment(services.lister.list(), pod.metadata.namespace ?? "", pod.spec.enableServiceLinks ?? true),
  });
  const runner = new PodRunner({
    runtime,
    view,
    starter,
    killer,
    probes,
    events: podEvents,
    backOff: containerBackOff,
    paths,
    clock,
    logger,
    dns: () => ({ clusterDns: config.clusterDns, clusterDomain: config.clusterDomain, host }),
    hostIps,
    cgroup: () => (config.cgroupsPerQos ? { driver: cgroupDriver, root: config.cgroupRoot } : undefined),
    runtimeHandler: (pod) => runtimeHandlerOf(client, pod, signal),
  });
  const pods: PodSet = new PodSet({
    runtime,
    view,
    killer,
    volumes,
    status,
    paths,
    logger,
    createWorker: (pod) =>
      new PodWorker(
        {
          runtime,
          view,
          runner,
          killer,
          volumes,
          status,
          events: podEvents,
          paths,
          clock,
          logger,
          probes,
          runtimeName: () => version.runtimeName,
          hostIps,
          track: (each) => objects.register(each),
          release: (uid) => {
            objects.unregister(uid);
            tokens.forget(uid);
            puller.forget(uid);
            containerBackOff.forget(`${uid}_`);
          },
          onEnd: (uid) => pods.ended(uid),
          admit: () => undefined,
        },
        pod,
      ),
  });
  const lifecycle = new Pleg({ runtime, view, clock, logger, onChange: (uid) => pods.wake(uid) }, pleg);
  const node: NodeAgent = new NodeAgent(
    {
      client,
      runtime,
      images,
      events: deps.events,
      clock,
      logger,
      machine,
      runtimeVersion: `${version.runtimeName}://${version.runtimeVersion}`,
      node: () => nodes.lister.get(nodeName),
      addresses: hostIps,
      problem: () => lifecycle.problem(),
    },
    {
      name: nodeName,
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
    },
  );
  nodes.on({ add: (found) => void followNode(node, found), update: (_, found) => void followNode(node, found) });
  if (config.podCidr) await node.setPodCidr(config.podCidr);

  const done = run();
  return { pods, view, status, paths, node, done };

  async function run(): Promise<void> {
    await view.relist().catch(() => []); // what runs already is known before the first pod is looked at
    const running = [
      nodes.run(signal),
      services.run(signal),
      apiPods.run(signal),
      lifecycle.run(signal),
      node.run(signal),
      runNodeLease(
        { client, clock, logger, node: () => nodes.lister.get(nodeName) },
        { name: nodeName, durationSeconds: config.nodeLeaseDurationSeconds },
        signal,
      ),
      followPods(apiPods, services, pods, status, signal),
    ];
    await Promise.all(running);
    pods.stop();
    await closer.close();
  }
}

async function followNode(agent: NodeAgent, found: Node): Promise<void> {
  await agent.setPodCidr(found.spec.podCIDR ?? "");
}

/** Takes pods from the API once services are known, for the first containers' environment needs them. */
async function followPods(
  apiPods: Informer<Pod>,
  services: Pick<Informer<never>, "synced">,
  pods: PodSet,
  status: StatusManager,
  signal: AbortSignal,
): Promise<void> {
  await services.synced(signal);
  const take = (pod: Pod) => {
    pods.put(pod);
    if (!isMirror(pod)) status.observe(pod);
  };
  apiPods.on({ add: take, update: (_, pod) => take(pod), delete: (pod) => pods.remove(uidOf(pod)) });
  await apiPods.synced(signal);
  if (!signal.aborted) pods.complete();
}

function apiPodOf(apiPods: Informer<Pod>, pods: PodSet, uid: string): Pod | undefined {
  const pod = pods.get(uid)?.pod;
  const found = pod && apiPods.lister.get(`${pod.metadata.namespace}/${pod.metadata.name}`);
  return found && uidOf(found) === uid ? found : undefined;
}

async function readCgroupDriver(runtime: RuntimeService, config: KubeletConfig): Promise<"cgroupfs" | "systemd"> {
  const answer = await runtime.runtimeConfig().catch(() => undefined); // older runtimes do not say
  if (!answer?.linux) return config.cgroupDriver;
  return answer.linux.cgroupDriver === CgroupDriver.SYSTEMD ? "systemd" : "cgroupfs";
}

async function runtimeHandlerOf(client: Client, pod: Pod, signal: AbortSignal): Promise<string> {
  const { runtimeClassName } = pod.spec;
  if (!runtimeClassName) return "";
  const found = await client.runtimeclasses().get(runtimeClassName, { signal });
  return found.handler;
}

const answerRetry = { baseMs: 100, maxMs: 3000 };

/** A node's runtime may start after its kubelet. */
async function untilAnswered<T>(
  ask: () => Promise<T>,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw error;
      if (failures % 10 === 1) logger.warn({ err: error }, "the container runtime does not answer yet");
      await new Promise<void>((resolve) => clock.after(backoffMs(failures, answerRetry), resolve));
    }
  }
}
