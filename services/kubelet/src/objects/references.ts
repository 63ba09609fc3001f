import type { Pod } from "@tskube/api";
import { containersOf } from "../pods/containers.ts";

/** An object of a pod's namespace that the pod cannot start without knowing. */
export interface ObjectRef {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
}

export function refKey({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace}/${name}`;
}

/** Every ConfigMap and Secret that a pod names, each once. */
export function referencesOf(pod: Pod): ObjectRef[] {
  const namespace = pod.metadata.namespace ?? "";
  const found = new Map<string, ObjectRef>();
  const add = (kind: ObjectRef["kind"], name: string | undefined) => {
    if (!name) return;
    const ref = { kind, namespace, name };
    found.set(refKey(ref), ref);
  };
  for (const { container } of containersOf(pod)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add("ConfigMap", configMapRef?.name);
      add("Secret", secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add("ConfigMap", valueFrom?.configMapKeyRef?.name);
      add("Secret", valueFrom?.secretKeyRef?.name);
    }
  }
  for (const { configMap, secret, projected } of pod.spec.volumes ?? []) {
    add("ConfigMap", configMap?.name);
    add("Secret", secret?.secretName);
    for (const source of projected?.sources ?? []) {
      add("ConfigMap", source.configMap?.name);
      add("Secret", source.secret?.name);
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add("Secret", name);
  return [...found.values()];
}
