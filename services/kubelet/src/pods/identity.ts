import type { Pod } from "@tskube/api";
import { configMirrorAnnotation, configSourceAnnotation } from "../runtime/names.ts";

export interface PodIdentity {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

export function identityOf(pod: Pod): PodIdentity {
  return { uid: uidOf(pod), name: nameOf(pod), namespace: namespaceOf(pod) };
}

export function uidOf(pod: Pod): string {
  return pod.metadata.uid ?? "";
}

export function nameOf(pod: Pod): string {
  return pod.metadata.name ?? "";
}

export function namespaceOf(pod: Pod): string {
  return pod.metadata.namespace ?? "";
}

/** `name_namespace(uid)`, as upstream prints pods in messages and events. */
export function formatPod(pod: PodIdentity): string {
  return `${pod.name}_${pod.namespace}(${pod.uid})`;
}

/** `namespace/name`, by which static pods and their mirrors belong together. */
export function fullName(pod: Pod): string {
  return `${namespaceOf(pod)}/${nameOf(pod)}`;
}

/** Whether the pod came from a file of the node and not from the API. */
export function isStatic(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[configSourceAnnotation];
  return source !== undefined && source !== "api";
}

/** Whether this API object only shows a static pod. */
export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[configMirrorAnnotation] !== undefined;
}

/** Pods that must not be touched when resources run short. */
export function isCritical(pod: Pod): boolean {
  return isStatic(pod) || isMirror(pod) || (pod.spec.priority ?? 0) >= systemCriticalPriority;
}

export const systemCriticalPriority = 2_000_000_000;
