import type { ContainerStatus, Pod, PodStatus } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { containersOf, type PodContainer } from "../pods/containers.ts";
import { qosClassOf } from "../pods/qos.ts";
import { latestContainer, type RuntimePod, readySandbox } from "../runtime/model.ts";
import { ownConditionTypes, podConditions, withTransitionTimes } from "./conditions.ts";
import { type ContainerStatusInputs, containerStatus, type ProbeView, type StartFailure } from "./container-status.ts";
import { podPhase } from "./phase.ts";

/** A verdict of the kubelet itself on a pod, which outranks what its containers do: evicted, over its deadline, not admitted. */
export interface Verdict {
  readonly phase: "Failed";
  readonly reason: string;
  readonly message: string;
}

export interface PodStatusInputs {
  readonly pod: Pod;
  readonly runtime: RuntimePod;
  readonly runtimeName: string;
  readonly probes: ProbeView;
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** Our last status of this pod, else that of the API. */
  readonly previous: PodStatus | undefined;
  readonly hostIps: readonly string[];
  readonly nowMs: number;
  readonly isTerminal: boolean;
  readonly verdict?: Verdict | undefined;
}

/** The whole status that the kubelet reports for a pod. Pure; equal inputs give equal statuses, so that nothing is written twice. */
export function podStatus(inputs: PodStatusInputs): PodStatus {
  const { pod, runtime, previous, nowMs, verdict } = inputs;
  if (verdict && runtime.containers.length === 0 && !previous?.containerStatuses) return rejectedStatus(pod, verdict);
  const sandbox = readySandbox(runtime);
  const [initStatuses, statuses, ephemeralStatuses] = containerStatuses(inputs);
  const phase = inputs.verdict?.phase ?? podPhase(pod, { initStatuses, statuses, isTerminal: inputs.isTerminal });
  const known = previous?.conditions ?? [];
  const foreign = known.filter(({ type }) => !ownConditionTypes.has(type));
  const drafts = podConditions(pod, { phase, initStatuses, statuses, known, isSandboxReady: sandbox !== undefined });
  const generation = pod.metadata.generation;
  const ips = podIps(inputs);
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    conditions: [...withTransitionTimes(drafts, known, formatTime(nowMs), generation), ...foreign],
    ...(inputs.verdict && { reason: inputs.verdict.reason, message: inputs.verdict.message }),
    ...(inputs.hostIps[0] && { hostIP: inputs.hostIps[0], hostIPs: inputs.hostIps.map((ip) => ({ ip })) }),
    ...(ips[0] && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: previous?.startTime ?? formatTime(nowMs),
    ...(initStatuses.length > 0 && { initContainerStatuses: initStatuses }),
    containerStatuses: statuses,
    qosClass: qosClassOf(pod),
    ...(ephemeralStatuses.length > 0 && { ephemeralContainerStatuses: ephemeralStatuses }),
  } as PodStatus;
}

/** Of a pod that never got as far as having containers. */
function rejectedStatus(pod: Pod, { phase, reason, message }: Verdict): PodStatus {
  const { generation } = pod.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    reason,
    message,
    qosClass: qosClassOf(pod),
  };
}

function containerStatuses(inputs: PodStatusInputs): [ContainerStatus[], ContainerStatus[], ContainerStatus[]] {
  const { pod, runtime, previous } = inputs;
  const isInitialized = (pod.spec.containers ?? []).some(({ name }) => latestContainer(runtime, name) !== undefined);
  const common: Omit<ContainerStatusInputs, "previous"> = {
    pod,
    runtime,
    runtimeName: inputs.runtimeName,
    probes: inputs.probes,
    failures: inputs.failures,
    isInitialized,
    isTerminal: inputs.isTerminal || inputs.verdict !== undefined,
    sandboxId: runtime.sandboxes[0]?.id,
  };
  const all = containersOf(pod);
  const ofKind = (kind: PodContainer["kind"], previousStatuses: readonly ContainerStatus[] | undefined) =>
    all
      .filter((each) => each.kind === kind)
      .map((each) => containerStatus({ ...common, previous: previousStatuses ?? [] }, each));
  return [
    ofKind("init", previous?.initContainerStatuses),
    ofKind("regular", previous?.containerStatuses),
    ofKind("ephemeral", previous?.ephemeralContainerStatuses),
  ];
}

/** A pod keeps the addresses it had until a new sandbox gives it others: they tell where its last traffic went. */
function podIps({ pod, runtime, hostIps, previous }: PodStatusInputs): readonly string[] {
  if (pod.spec.hostNetwork) return hostIps;
  const ips = readySandbox(runtime)?.ips ?? [];
  return ips.length > 0 ? ips : (previous?.podIPs ?? []).map(({ ip }) => ip ?? "");
}
