import type { ContainerStatus, Pod, PodCondition } from "@tskube/api";
import { isRestartableInit } from "../pods/containers.ts";
import type { PodPhase } from "./phase.ts";

/** A condition as decided, before its times are known. */
export interface ConditionDraft {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

/** The kinds of condition that the kubelet writes; all others on a pod belong to somebody else and stay as they are. */
export const ownConditionTypes: ReadonlySet<string> = new Set([
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
]);

export interface ConditionInputs {
  readonly phase: PodPhase;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** The pod's conditions as last seen in the API: readiness gates read those of others. */
  readonly known: readonly PodCondition[];
  readonly isSandboxReady: boolean;
}

export function podConditions(pod: Pod, inputs: ConditionInputs): ConditionDraft[] {
  const containersReady = containersReadyCondition(pod, inputs);
  return [
    { type: "PodReadyToStartContainers", status: inputs.isSandboxReady ? "True" : "False" },
    initializedCondition(pod, inputs),
    readyCondition(pod, containersReady, inputs.known),
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
}

function initializedCondition(pod: Pod, { phase, initStatuses, statuses }: ConditionInputs): ConditionDraft {
  const type = "Initialized";
  const byName = new Map(initStatuses.map((status) => [status.name, status]));
  const inits = pod.spec.initContainers ?? [];
  const unknown = inits.filter(({ name }) => !byName.has(name)).map(({ name }) => name);
  const incomplete = inits
    .filter((container) => {
      const status = byName.get(container.name);
      if (!status) return false;
      return isRestartableInit(container) ? !status.started : !status.ready;
    })
    .map(({ name }) => name);
  const regularStarted = statuses.some(
    (status) => status.state?.running || status.state?.terminated || status.lastState?.terminated,
  );
  if (phase === "Succeeded" && unknown.length === 0) return { type, status: "True", reason: "PodCompleted" };
  if (regularStarted || (unknown.length === 0 && incomplete.length === 0)) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: "ContainersNotInitialized",
    message: listed([
      ["containers with unknown status", unknown],
      ["containers with incomplete status", incomplete],
    ]),
  };
}

function containersReadyCondition(pod: Pod, { phase, initStatuses, statuses }: ConditionInputs): ConditionDraft {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const byName = new Map([...initStatuses, ...statuses].map((status) => [status.name, status]));
  const counted = [...(pod.spec.initContainers ?? []).filter(isRestartableInit), ...(pod.spec.containers ?? [])];
  const unknown = counted.filter(({ name }) => !byName.has(name)).map(({ name }) => name);
  const unready = counted.filter(({ name }) => byName.get(name)?.ready === false).map(({ name }) => name);
  if (unknown.length === 0 && unready.length === 0) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: "ContainersNotReady",
    message: listed([
      ["containers with unknown status", unknown],
      ["containers with unready status", unready],
    ]),
  };
}

function readyCondition(pod: Pod, containersReady: ConditionDraft, known: readonly PodCondition[]): ConditionDraft {
  if (containersReady.status !== "True") return { ...containersReady, type: "Ready" };
  const complaints = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = known.find(({ type }) => type === conditionType);
    if (!condition)
      return [`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`];
    if (condition.status === "True") return [];
    return [`the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but ${condition.status}`];
  });
  if (complaints.length === 0) return { type: "Ready", status: "True" };
  return { type: "Ready", status: "False", reason: "ReadinessGatesNotReady", message: complaints.join(", ") };
}

function listed(parts: readonly (readonly [string, readonly string[]])[]): string {
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: [${names.join(" ")}]`)
    .join(", ");
}

/** Gives drafts their times: the transition time moves only when the status does. */
export function withTransitionTimes(
  drafts: readonly ConditionDraft[],
  known: readonly PodCondition[],
  now: string,
  observedGeneration: number | undefined,
): PodCondition[] {
  return drafts.map((draft) => {
    const before = known.find(({ type }) => type === draft.type);
    const lastTransitionTime =
      before?.status === draft.status && before.lastTransitionTime ? before.lastTransitionTime : now;
    return {
      ...draft,
      lastProbeTime: null,
      lastTransitionTime,
      ...(observedGeneration !== undefined && { observedGeneration }),
    } as unknown as PodCondition;
  });
}
