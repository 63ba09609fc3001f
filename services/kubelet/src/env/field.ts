import type { Pod } from "@tskube/api";
import { qosClassOf } from "../pods/qos.ts";

/** Addresses that a running pod has; known only once its sandbox is up. */
export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
}

/** The value of a `fieldRef` on a pod; throws on a path that no field has. */
export function fieldValue(pod: Pod, path: string, addresses: PodAddresses): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path);
  if (subscript) {
    const map = subscript[1] === "metadata.labels" ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[subscript[2] ?? ""] ?? "";
  }
  const read = fields[path];
  if (!read) throw new Error(`unsupported fieldPath: ${path}`);
  return read(pod, addresses);
}

const fields: Readonly<Record<string, (pod: Pod, addresses: PodAddresses) => string>> = {
  "metadata.name": (pod) => pod.metadata.name ?? "",
  "metadata.namespace": (pod) => pod.metadata.namespace ?? "",
  "metadata.uid": (pod) => pod.metadata.uid ?? "",
  "metadata.labels": (pod) => formatMap(pod.metadata.labels),
  "metadata.annotations": (pod) => formatMap(pod.metadata.annotations),
  "spec.nodeName": (pod) => pod.spec.nodeName ?? "",
  "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
  "status.qosClass": (pod) => qosClassOf(pod),
  "status.hostIP": (_, { hostIps }) => hostIps[0] ?? "",
  "status.hostIPs": (_, { hostIps }) => hostIps.join(","),
  "status.podIP": (_, { podIps }) => podIps[0] ?? "",
  "status.podIPs": (_, { podIps }) => podIps.join(","),
};

/** One `key="value"` a line, by key, as the downward API writes maps to files. */
export function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}
