import type { Pod, Service } from "@tskube/api";
import type { Closer } from "@tskube/base";
import type { Lister } from "@tskube/client";
import type { KubeletConfig } from "./config.ts";
import { serviceEnvironment } from "./env/service-environment.ts";
import type { KubeletDeps } from "./kubelet.ts";
import type { DnsSettings } from "./network/dns.ts";
import type { Resources } from "./node/capacity.ts";
import type { Paths } from "./node/paths.ts";
import { TokenManager } from "./objects/tokens.ts";
import { WatchedObjects } from "./objects/watched-objects.ts";
import { admit } from "./pods/admission.ts";
import { BackOff } from "./pods/back-off.ts";
import { ContainerStarter } from "./pods/container-starter.ts";
import { createPodEvents } from "./pods/events.ts";
import { Gate } from "./pods/gate.ts";
import { createHookRunner } from "./pods/hooks.ts";
import { uidOf } from "./pods/identity.ts";
import { ImagePuller } from "./pods/image-puller.ts";
import { Killer } from "./pods/killer.ts";
import { PodRunner } from "./pods/pod-runner.ts";
import { PodSet } from "./pods/pod-set.ts";
import { PodWorker } from "./pods/pod-worker.ts";
import { createProbeHandler } from "./probes/handlers.ts";
import { ProbeManager } from "./probes/probe-manager.ts";
import type { CgroupDriverName } from "./runtime/cgroup-parent.ts";
import { readySandbox } from "./runtime/model.ts";
import type { RuntimeView } from "./runtime/view.ts";
import type { StatusManager } from "./status/status-manager.ts";
import { probeUserAgent } from "./version.ts";
import { volumePlugins } from "./volumes/index.ts";
import { VolumeManager } from "./volumes/volume-manager.ts";

/** What the pods' parts need of the node and of the kubelet's other parts. */
export interface PodsContext {
  readonly view: RuntimeView;
  readonly status: StatusManager;
  readonly paths: Paths;
  readonly services: Lister<Service>;
  readonly runtimeName: string;
  readonly cgroupDriver: CgroupDriverName;
  /** Of the node's resolv.conf. */
  readonly dns: DnsSettings;
  readonly addresses: readonly string[];
  readonly allocatable: () => Resources;
  readonly signal: AbortSignal;
}

const second = 1000;
const imageBackOff = { baseMs: 10 * second, maxMs: 300 * second };
const containerBackOffBaseMs = 10 * second;

/** Builds everything that brings pods up, keeps them as they should be and takes them down. */
export function buildPods(config: KubeletConfig, deps: KubeletDeps, context: PodsContext, closer: Closer): PodSet {
  const { client, runtime, images, mounter, machine, clock, logger } = deps;
  const { view, status, paths, addresses, allocatable, signal } = context;
  const events = createPodEvents(deps.events);
  const wake = (uid: string) => pods.wake(uid);
  const onObjectChange = (uid: string) => {
    volumes.markChanged(uid);
    wake(uid);
  };
  const objects = closer.add(new WatchedObjects({ client, clock, logger, onChange: onObjectChange }));
  const tokens = new TokenManager(client, clock);
  const volumes = new VolumeManager({
    plugins: volumePlugins(clock),
    paths,
    mounter,
    objects,
    tokens,
    clock,
    allocatable,
  });

  const podIp = (pod: Pod) => {
    const runtimePod = view.get(uidOf(pod));
    return pod.spec.hostNetwork ? addresses[0] : runtimePod && readySandbox(runtimePod)?.ips[0];
  };
  const hooks = createHookRunner({ runtime, clock, userAgent: probeUserAgent, podIp });
  const killer = new Killer({ runtime, events, hooks, clock, logger });
  const pulls = config.serializeImagePulls ? 1 : (config.maxParallelImagePulls ?? Number.POSITIVE_INFINITY);
  const puller = new ImagePuller({
    images,
    secrets: objects,
    events,
    backOff: new BackOff(clock, imageBackOff),
    clock,
    gate: new Gate(pulls),
  });
  const handler = createProbeHandler({ runtime, userAgent: probeUserAgent });
  const probes = closer.add(
    new ProbeManager({ view, handler, events, clock, logger, hostIp: () => addresses[0], onChange: wake }),
  );
  const starter = new ContainerStarter({
    runtime,
    puller,
    killer,
    hooks,
    events,
    objects,
    paths,
    mounter,
    clock,
    logger,
    allocatable,
    resources: () => ({ nodeMemoryBytes: machine.memoryBytes, cpuCfsQuota: config.cpuCfsQuota }),
    serviceVariables: (pod) =>
      serviceEnvironment(context.services.list(), pod.metadata.namespace ?? "", pod.spec.enableServiceLinks ?? true),
  });
  const backOff = new BackOff(clock, { baseMs: containerBackOffBaseMs, maxMs: config.maxContainerBackOff });
  const runner = new PodRunner({
    runtime,
    view,
    starter,
    killer,
    probes,
    events,
    backOff,
    paths,
    clock,
    logger,
    dns: () => ({ clusterDns: config.clusterDns, clusterDomain: config.clusterDomain, host: context.dns }),
    hostIps: () => addresses,
    cgroup: () => (config.cgroupsPerQos ? { driver: context.cgroupDriver, root: config.cgroupRoot } : undefined),
    async runtimeHandler({ spec }) {
      if (!spec.runtimeClassName) return "";
      return (await client.runtimeclasses().get(spec.runtimeClassName, { signal })).handler;
    },
  });
  const release = (uid: string) => {
    objects.unregister(uid);
    tokens.forget(uid);
    puller.forget(uid);
    backOff.forget(`${uid}_`);
  };
  const workerDeps = {
    runtime,
    view,
    runner,
    killer,
    volumes,
    status,
    events,
    paths,
    clock,
    logger,
    probes,
    runtimeName: () => context.runtimeName,
    hostIps: () => addresses,
    track: (pod: Pod) => objects.register(pod),
    release,
    onEnd: (uid: string) => pods.ended(uid),
    admit: (pod: Pod) => admit({ pod, others: pods.active(uidOf(pod)), allocatable: allocatable() }),
  };
  const createWorker = (pod: Pod) => new PodWorker(workerDeps, pod);
  const pods: PodSet = new PodSet({ runtime, view, killer, volumes, status, paths, logger, createWorker });
  return pods;
}
