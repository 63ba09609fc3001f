import type { KubeObject } from "@tskube/api";
import { unauthorized } from "@tskube/apimachinery";
import type { GroupResource, LocalObjects } from "../../registry/objects.ts";
import { readIfPresent } from "../read-if-present.ts";
import type { ObjectClaim, PrivateClaims } from "./claims.ts";

/** How long a token outlives the deletion of what it is bound to, for a pod that is still shutting down. */
const leewayMs = 60_000;

/** Throws `unauthorized` unless the service account and the bound object of a token still are the ones it was issued for. */
export async function checkReferences(claims: PrivateClaims, objects: LocalObjects, nowMs: number): Promise<void> {
  for (const { resource, namespace, claim } of references(claims)) {
    const isKnown = isAlive(objects.reader(resource).get(namespace, claim.name), claim, nowMs);
    // Another apiserver may have issued the token for something that this one has not heard of yet.
    if (isKnown || isAlive(await readIfPresent(objects, resource, namespace, claim.name), claim, nowMs)) continue;
    throw unauthorized("service account token has been invalidated");
  }
}

interface Reference {
  readonly resource: GroupResource;
  readonly namespace: string;
  readonly claim: ObjectClaim;
}

/** The node in a pod's token is only information; a token bound to the node itself has no pod. */
function references({ namespace, serviceaccount, pod, secret, node }: PrivateClaims): Reference[] {
  const found: Reference[] = [];
  const add = (resource: string, inNamespace: string, claim: ObjectClaim | undefined) => {
    if (claim) found.push({ resource: { group: "", resource }, namespace: inNamespace, claim });
  };
  add("serviceaccounts", namespace, serviceaccount);
  add("pods", namespace, pod);
  add("secrets", namespace, secret);
  if (!pod) add("nodes", "", node);
  return found;
}

function isAlive(object: KubeObject | undefined, claim: ObjectClaim, nowMs: number): boolean {
  if (!object || object.metadata.uid !== claim.uid) return false;
  const { deletionTimestamp } = object.metadata;
  return !deletionTimestamp || Date.parse(deletionTimestamp) + leewayMs > nowMs;
}
