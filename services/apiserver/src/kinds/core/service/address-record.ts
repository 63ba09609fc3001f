import type { IPAddress, Service } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";

/** Where the store keeps IPAddress objects, by address. */
export const addressPrefix = "/registry/networking.k8s.io/ipaddresses/";

const apiVersion = "networking.k8s.io/v1";
const manager = "kube-apiserver";
const fields = {
  "f:metadata": {
    "f:labels": { ".": {}, "f:ipaddress.kubernetes.io/ip-family": {}, "f:ipaddress.kubernetes.io/managed-by": {} },
  },
  "f:spec": {
    "f:parentRef": { ".": {}, "f:name": {}, "f:namespace": {}, "f:resource": {} },
  },
};

/** Says of an object that it records an address that the server gave out itself. */
export const managedByLabel = "ipaddress.kubernetes.io/managed-by";
export const allocatorName = "ipallocator.k8s.io";

/** The object that records that a service has an address. */
export function addressRecord(address: string, { metadata }: Service, nowMs: number): IPAddress {
  const time = formatTime(nowMs);
  return {
    kind: "IPAddress",
    apiVersion,
    metadata: {
      name: address,
      uid: crypto.randomUUID(),
      creationTimestamp: time,
      labels: { "ipaddress.kubernetes.io/ip-family": "IPv4", [managedByLabel]: allocatorName },
      managedFields: [{ manager, operation: "Update", apiVersion, time, fieldsType: "FieldsV1", fieldsV1: fields }],
    },
    spec: { parentRef: { resource: "services", namespace: metadata.namespace, name: metadata.name } },
  };
}
