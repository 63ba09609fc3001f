import type { KubeObject, Pod } from "@tskube/api";
import type { AdmissionAttributes, Operation } from "./plugin.ts";

type Predicate = (attributes: AdmissionAttributes) => boolean;

/** Whether a write by one of `operations` concerns just the resource (`pods`, `ingresses.networking.k8s.io`) or subresource (`pods/status`) named. */
export function writesTo(what: string, ...operations: readonly Operation[]): Predicate {
  const [path = "", ...groupParts] = what.split(".");
  const [resource, subresource = ""] = path.split("/");
  const group = groupParts.join(".");
  return (attributes) =>
    attributes.resource === resource &&
    attributes.subresource === subresource &&
    attributes.group === group &&
    operations.includes(attributes.operation);
}

export function anyOf(...predicates: readonly Predicate[]): Predicate {
  return (attributes) => predicates.some((predicate) => predicate(attributes));
}

/** The new object as the kind the plugin has made sure of by its resource. */
export function objectOf<T extends KubeObject>(attributes: AdmissionAttributes): T {
  if (!attributes.object) throw new Error(`${attributes.operation} of ${attributes.resource} without an object`);
  return attributes.object as T;
}

export function oldObjectOf<T extends KubeObject>(attributes: AdmissionAttributes): T | undefined {
  return attributes.oldObject as T | undefined;
}

/** Every container of a pod, the kinds in the order upstream visits them. */
export function allContainers(spec: Pod["spec"]) {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** A pod that a kubelet made visible for a static one. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}
