import {
  type Container,
  ContainerState,
  type ContainerStatus,
  NamespaceMode,
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatus,
  toMillis,
} from "@tskube/cri";
import type { ContainerRunState, RuntimeContainer, RuntimeSandbox } from "./model.ts";
import { containerHashAnnotation, containerNameLabel, restartCountAnnotation } from "./names.ts";

const states: Readonly<Record<number, ContainerRunState>> = {
  [ContainerState.CONTAINER_CREATED]: "created",
  [ContainerState.CONTAINER_RUNNING]: "running",
  [ContainerState.CONTAINER_EXITED]: "exited",
};

export function runState(state: number): ContainerRunState {
  return states[state] ?? "unknown";
}

/** The kubelet's view of a container; `message` is its termination message, read by the caller, when the runtime gives none. */
export function toRuntimeContainer(sandboxId: string, status: ContainerStatus, message = ""): RuntimeContainer {
  const user = status.user?.linux;
  return {
    id: status.id,
    sandboxId,
    name: status.labels[containerNameLabel] ?? status.metadata?.name ?? "",
    state: runState(status.state),
    restartCount: Number(status.annotations[restartCountAnnotation] ?? status.metadata?.attempt ?? 0),
    hash: status.annotations[containerHashAnnotation] ?? "",
    image: status.image?.userSpecifiedImage || status.image?.image || "",
    imageId: status.imageRef || status.imageId,
    createdAtMs: toMillis(status.createdAt),
    startedAtMs: toMillis(status.startedAt),
    finishedAtMs: toMillis(status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message: message || status.message,
    logPath: status.logPath,
    ...(user && {
      user: { uid: Number(user.uid), gid: Number(user.gid), supplementalGroups: user.supplementalGroups.map(Number) },
    }),
  };
}

export function toRuntimeSandbox(status: PodSandboxStatus): RuntimeSandbox {
  return {
    id: status.id,
    isReady: status.state === PodSandboxState.SANDBOX_READY,
    attempt: status.metadata?.attempt ?? 0,
    createdAtMs: toMillis(status.createdAt),
    usesHostNetwork: status.linux?.namespaces?.options?.network === NamespaceMode.NODE,
    ips: status.network?.ip ? [status.network.ip] : [],
  };
}

/** What of a listing decides whether a closer look is needed. */
export function containerDigest(container: Container): string {
  return `${container.id} ${container.state}`;
}

export function sandboxDigest(sandbox: PodSandbox): string {
  return `${sandbox.id} ${sandbox.state}`;
}
