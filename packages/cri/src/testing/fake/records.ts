import {
  Container,
  type ContainerConfig,
  ContainerState,
  ContainerStatus,
  PodSandbox,
  type PodSandboxConfig,
  type PodSandboxState,
  PodSandboxStatus,
} from "../../types.ts";
import type { FakeBehaviour } from "./behaviour.ts";

export interface FakeSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly createdAt: bigint;
  readonly ip: string;
  state: PodSandboxState;
}

export interface FakeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly imageId: string;
  readonly logFile: string | undefined;
  readonly createdAt: bigint;
  behaviour: FakeBehaviour;
  state: ContainerState;
  startedAt: bigint;
  finishedAt: bigint;
  exitCode: number;
  reason: string;
  message: string;
  /** Cancels its own exit. */
  cancelExit: () => void;
  /** Called when it has exited. */
  readonly onExit: Array<() => void>;
}

export function sandboxSummary(sandbox: FakeSandbox): PodSandbox {
  const { metadata, labels, annotations } = sandbox.config;
  const { id, state, createdAt, runtimeHandler } = sandbox;
  return PodSandbox.fromPartial({
    id,
    metadata: metadata ?? {},
    state,
    createdAt,
    labels,
    annotations,
    runtimeHandler,
  });
}

export function sandboxStatus(sandbox: FakeSandbox): PodSandboxStatus {
  const { linux } = sandbox.config;
  const options = linux?.securityContext?.namespaceOptions;
  return PodSandboxStatus.fromPartial({
    ...sandboxSummary(sandbox),
    network: { ip: sandbox.ip },
    linux: { namespaces: { options: options ?? {} } },
  });
}

export function containerSummary(container: FakeContainer): Container {
  const { metadata, image, labels, annotations } = container.config;
  const { id, state, createdAt, imageId } = container;
  return Container.fromPartial({
    id,
    podSandboxId: container.sandboxId,
    metadata: metadata ?? {},
    image: image ?? {},
    imageRef: imageId,
    imageId,
    state,
    createdAt,
    labels,
    annotations,
  });
}

export function containerStatus(container: FakeContainer): ContainerStatus {
  const { metadata, image, labels, annotations, mounts, linux } = container.config;
  const { id, state, createdAt, startedAt, finishedAt, exitCode, reason, message, imageId } = container;
  return ContainerStatus.fromPartial({
    id,
    metadata: metadata ?? {},
    state,
    createdAt,
    startedAt,
    finishedAt,
    exitCode,
    reason,
    message,
    image: image ?? {},
    imageRef: imageId,
    imageId,
    labels,
    annotations,
    mounts,
    logPath: container.logFile ?? "",
    resources: { linux: linux?.resources ?? {} },
  });
}

export const isRunning = (container: FakeContainer): boolean => container.state === ContainerState.CONTAINER_RUNNING;
