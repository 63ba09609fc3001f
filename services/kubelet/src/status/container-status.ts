import type { Container, ContainerState, ContainerStatus, Pod } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { type ContainerKind, isRestartableInit, type PodContainer } from "../pods/containers.ts";
import { mayRestartAfter } from "../pods/restart-policy.ts";
import type { RuntimeContainer, RuntimePod } from "../runtime/model.ts";

/** Why a container could not be started in the last round: `ErrImagePull`, `CrashLoopBackOff`, `CreateContainerConfigError` …. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
}

/** What probes say, as far as a status needs it. */
export interface ProbeView {
  /** Undefined while nothing is known yet, as after a restart of the kubelet. */
  isReady(container: Container, containerId: string): boolean | undefined;
  isStarted(container: Container, containerId: string): boolean;
}

export interface ContainerStatusInputs {
  readonly pod: Pod;
  readonly runtime: RuntimePod;
  readonly runtimeName: string;
  readonly probes: ProbeView;
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** Statuses as last reported, for containers that the runtime knows nothing of any more. */
  readonly previous: readonly ContainerStatus[];
  /** Regular containers may start: before that they wait for initialization. */
  readonly isInitialized: boolean;
  /** All has been stopped for good: nothing waits to start any more. */
  readonly isTerminal: boolean;
  /** The newest sandbox; containers of older ones have lost their pod. */
  readonly sandboxId: string | undefined;
}

export function containerStatus(inputs: ContainerStatusInputs, { container, kind }: PodContainer): ContainerStatus {
  const history = inputs.runtime.containers.filter(({ name }) => name === container.name);
  const [latest, before] = history;
  const previous = inputs.previous.find(({ name }) => name === container.name);
  const base = latest
    ? fromRuntime(inputs, container, kind, latest, before, previous)
    : withoutRuntime(inputs, container, kind, previous);
  return {
    ...base,
    ...resourceFields(container, base),
    ...volumeMountFields(container),
    ...(latest?.user && {
      user: { linux: { ...latest.user, supplementalGroups: [...latest.user.supplementalGroups] } },
    }),
  } as ContainerStatus;
}

function fromRuntime(
  inputs: ContainerStatusInputs,
  container: Container,
  kind: ContainerKind,
  latest: RuntimeContainer,
  before: RuntimeContainer | undefined,
  reported: ContainerStatus | undefined,
): ContainerStatus {
  // What was reported of this very instance holds until probes say otherwise: a restarted kubelet must not take traffic away from it.
  const previous = reported?.containerID === `${inputs.runtimeName}://${latest.id}` ? reported : undefined;
  let state = stateOf(inputs, latest);
  let lastState: ContainerState = before?.state === "exited" ? stateOf(inputs, before) : {};
  const isOldSandbox =
    inputs.sandboxId !== undefined && latest.sandboxId !== inputs.sandboxId && latest.state !== "running";
  const waiting = waitingState(inputs, container, kind, latest, isOldSandbox);
  if (waiting) {
    if (state.terminated) lastState = state;
    state = { waiting };
  }
  const isRunning = state.running !== undefined;
  return {
    name: container.name,
    state,
    lastState,
    ready: isReady(inputs, container, kind, latest, previous),
    restartCount: latest.restartCount,
    image: latest.image || container.image || "",
    imageID: latest.imageId,
    containerID: `${inputs.runtimeName}://${latest.id}`,
    started: isRunning && (inputs.probes.isStarted(container, latest.id) || previous?.started === true),
  } as ContainerStatus;
}

/** What an ended or not yet started container waits for, or undefined when its own state is the answer. */
function waitingState(
  inputs: ContainerStatusInputs,
  container: Container,
  kind: ContainerKind,
  latest: RuntimeContainer,
  isOldSandbox: boolean,
): StartFailure | { reason: string } | undefined {
  const failure = inputs.failures.get(container.name);
  if (latest.state === "running" || inputs.isTerminal) return undefined;
  if (latest.state !== "exited") return failure ?? initialWait(inputs, kind);
  const mayReturn = kind !== "ephemeral" && mayRestartAfter(inputs.pod, container, latest.exitCode, kind);
  if (failure && mayReturn) return failure;
  return isOldSandbox && mayReturn ? initialWait(inputs, kind) : undefined;
}

function isReady(
  inputs: ContainerStatusInputs,
  container: Container,
  kind: ContainerKind,
  latest: RuntimeContainer,
  previous: ContainerStatus | undefined,
): boolean {
  if (kind === "init" && !isRestartableInit(container)) return latest.state === "exited" && latest.exitCode === 0;
  if (kind === "ephemeral" || latest.state !== "running") return false;
  return inputs.probes.isReady(container, latest.id) ?? previous?.ready ?? false;
}

function stateOf(inputs: ContainerStatusInputs, container: RuntimeContainer): ContainerState {
  switch (container.state) {
    case "running":
      return { running: { startedAt: formatTime(container.startedAtMs) } };
    case "exited":
      return {
        terminated: {
          exitCode: container.exitCode,
          reason: container.reason || (container.exitCode === 0 ? "Completed" : "Error"),
          ...(container.message && { message: container.message }),
          startedAt: formatTime(container.startedAtMs),
          finishedAt: formatTime(container.finishedAtMs),
          containerID: `${inputs.runtimeName}://${container.id}`,
        },
      };
    default:
      return { waiting: {} };
  }
}

function withoutRuntime(
  inputs: ContainerStatusInputs,
  container: Container,
  kind: ContainerKind,
  previous: ContainerStatus | undefined,
): ContainerStatus {
  const hasEnded = previous?.state?.terminated !== undefined;
  if (previous && hasEnded && (kind !== "regular" || inputs.isTerminal || inputs.runtime.sandboxes.length === 0))
    return previous;
  const common = {
    name: container.name,
    image: container.image ?? "",
    imageID: "",
    ready: kind === "init" && inputs.isInitialized && !isRestartableInit(container),
    started: false,
  };
  if (previous?.state?.running) return lostStatus(inputs, common, previous);
  const waiting = inputs.failures.get(container.name) ?? initialWait(inputs, kind);
  return {
    ...common,
    state: { waiting },
    lastState: previous?.lastState ?? {},
    restartCount: previous?.restartCount ?? 0,
  } as ContainerStatus;
}

/** The runtime forgot a container that we reported as running: it ended, nobody knows how. */
function lostStatus(
  inputs: ContainerStatusInputs,
  common: Partial<ContainerStatus>,
  previous: ContainerStatus,
): ContainerStatus {
  const terminated = {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: inputs.isTerminal
      ? "The container could not be located when the pod was terminated"
      : "The container could not be located when the pod was deleted.  The container used to be Running",
    startedAt: null,
    finishedAt: null,
  } as unknown as NonNullable<ContainerState["terminated"]>;
  if (inputs.isTerminal) {
    return { ...common, state: { terminated }, lastState: {}, restartCount: previous.restartCount } as ContainerStatus;
  }
  return {
    ...common,
    state: { waiting: inputs.failures.get(previous.name) ?? { reason: "ContainerCreating" } },
    lastState: { terminated },
    restartCount: previous.restartCount + 1,
  } as ContainerStatus;
}

function initialWait(inputs: ContainerStatusInputs, kind: ContainerKind): { reason: string } {
  const hasInit = (inputs.pod.spec.initContainers?.length ?? 0) > 0;
  const waitsForInit = kind === "init" || (kind === "regular" && hasInit);
  return { reason: waitsForInit ? "PodInitializing" : "ContainerCreating" };
}

function resourceFields(container: Container, status: ContainerStatus): Partial<ContainerStatus> {
  const { requests, limits } = container.resources ?? {};
  if (!status.containerID) return {};
  return {
    ...(requests && { allocatedResources: requests }),
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
  } as Partial<ContainerStatus>;
}

function volumeMountFields(container: Container): Partial<ContainerStatus> {
  if (!container.volumeMounts?.length) return {};
  const volumeMounts = container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly && { readOnly, recursiveReadOnly: "Disabled" }),
  }));
  return { volumeMounts } as Partial<ContainerStatus>;
}
