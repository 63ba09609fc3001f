import type { Clock } from "@tskube/base";
import {
  Container,
  ContainerEventResponse,
  type ContainerEventType,
  type ContainerStatus,
  nowNanos,
  PodSandbox,
  PodSandboxState,
  PodSandboxStatus,
} from "@tskube/cri";
import type { Containers } from "../containers/containers.ts";
import { type ContainerRecord, containerStatus, criState } from "../containers/record.ts";
import { criSignal } from "../containers/signals.ts";
import { namespaceOptions, type SandboxRecord } from "../sandboxes/record.ts";
import type { Sandboxes } from "../sandboxes/sandboxes.ts";

export interface SandboxView {
  readonly record: SandboxRecord;
  readonly isReady: boolean;
}

export function sandboxSummary({ record, isReady }: SandboxView): PodSandbox {
  const { id, config, createdAt, runtimeHandler } = record;
  const { metadata, labels, annotations } = config;
  const state = isReady ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
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

export function sandboxStatus(sandbox: SandboxView): PodSandboxStatus {
  const { config, ip } = sandbox.record;
  const namespaces = { options: namespaceOptions(config) };
  return PodSandboxStatus.fromPartial({ ...sandboxSummary(sandbox), network: { ip }, linux: { namespaces } });
}

export function containerSummary(record: ContainerRecord): Container {
  const { id, sandboxId, config, imageId, createdAt } = record;
  const { metadata, image, labels, annotations } = config;
  return Container.fromPartial({
    id,
    podSandboxId: sandboxId,
    metadata: metadata ?? {},
    image: image ?? {},
    imageRef: imageId,
    imageId,
    state: criState(record),
    createdAt,
    labels,
    annotations,
  });
}

export const statusOf = (record: ContainerRecord): ContainerStatus =>
  containerStatus(record, criSignal(record.stopSignal));

export const statusesOf = (containers: Containers, sandboxId: string): ContainerStatus[] =>
  containers.of(sandboxId).map(({ record }) => statusOf(record));

/** An event with the state of its whole pod. */
export function containerEvent(
  { sandboxes, containers, clock }: { sandboxes: Sandboxes; containers: Containers; clock: Clock },
  container: ContainerRecord,
  containerEventType: ContainerEventType,
): ContainerEventResponse {
  const sandbox = sandboxes.find(container.sandboxId);
  return ContainerEventResponse.fromPartial({
    containerId: container.id,
    containerEventType,
    createdAt: nowNanos(clock),
    podSandboxStatus: sandbox ? sandboxStatus(sandbox) : {},
    containersStatuses: statusesOf(containers, container.sandboxId),
  });
}
