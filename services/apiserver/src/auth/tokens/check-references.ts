import type { KubeObject } from "@tskube/api";
import { unauthorized } from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import type { ObjectClaim, PrivateClaims } from "./claims.ts";

/** How long a token outlives the deletion of what it is bound to, for a pod that is still shutting down. */
const leewayMs = 60_000;

/** Throws `unauthorized` unless the service account and the bound object of a token still are the ones it was issued for. */
export function checkReferences(claims: PrivateClaims, objects: LocalObjects, nowMs: number): void {
  const check = (resource: string, namespace: string, claim: ObjectClaim | undefined, what: string) => {
    if (!claim) return;
    const object = objects.reader({ group: "", resource }).get(namespace, claim.name);
    if (!isAlive(object, claim, nowMs)) throw unauthorized(`${what} has been invalidated`);
  };
  check("serviceaccounts", claims.namespace, claims.serviceaccount, "service account token");
  check("secrets", claims.namespace, claims.secret, "service account token");
  check("pods", claims.namespace, claims.pod, "service account token");
  // The node in a pod's token is only information; a token bound to the node itself has no pod.
  if (!claims.pod) check("nodes", "", claims.node, "service account token");
}

function isAlive(object: KubeObject | undefined, claim: ObjectClaim, nowMs: number): boolean {
  if (!object || object.metadata.uid !== claim.uid) return false;
  const { deletionTimestamp } = object.metadata;
  return !deletionTimestamp || Date.parse(deletionTimestamp) + leewayMs > nowMs;
}
