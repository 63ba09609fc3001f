import type { Container, EphemeralContainer, Pod } from "@tskube/api";

export type ContainerKind = "init" | "regular" | "ephemeral";

export interface PodContainer {
  readonly kind: ContainerKind;
  readonly container: Container;
  readonly index: number;
}

/** All containers of a pod in the order in which they start: init, regular, ephemeral. */
export function containersOf(pod: Pod): PodContainer[] {
  return [
    ...(pod.spec.initContainers ?? []).map((container, index) => ({ kind: "init" as const, container, index })),
    ...(pod.spec.containers ?? []).map((container, index) => ({ kind: "regular" as const, container, index })),
    ...(pod.spec.ephemeralContainers ?? []).map((container, index) => ({
      kind: "ephemeral" as const,
      container: asContainer(container),
      index,
    })),
  ];
}

/** Ephemeral containers have the same fields as others, and `targetContainerName` besides. */
export function asContainer(container: EphemeralContainer): Container {
  const { targetContainerName: _beyondContainer, ...common } = container;
  return common as Container;
}

export function findContainer(pod: Pod, name: string): PodContainer | undefined {
  return containersOf(pod).find(({ container }) => container.name === name);
}

/** A sidecar: an init container that keeps running beside the regular ones. */
export function isRestartableInit(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** The path by which events and `kubectl describe` name a container: `spec.containers{web}`. */
export function fieldPath({ kind, container }: PodContainer): string {
  const list = { init: "spec.initContainers", regular: "spec.containers", ephemeral: "spec.ephemeralContainers" }[kind];
  return `${list}{${container.name}}`;
}
