import type { KubeObject } from "@tskube/api";
import { notFound, unauthorized } from "@tskube/apimachinery";
import type { GroupResource, LocalObjects } from "../../registry/objects.ts";
import { readIfPresent } from "../read-if-present.ts";
import type { ObjectClaim, PrivateClaims } from "./claims.ts";

const invalidated = "service account token has been invalidated";
/** How long a token outlives the deletion of what it is bound to, for a pod that is still shutting down. */
const leewayMs = 60_000;

/** Throws `unauthorized` unless the service account and the bound object of a token still are the ones it was issued for. */
export async function checkReferences(claims: PrivateClaims, objects: LocalObjects, nowMs: number): Promise<void> {
  for (const { resource, namespace, claim } of references(claims)) {
    const isKnown = isAlive(objects.reader(resource).get(namespace, claim.name), claim, nowMs);
    if (isKnown) continue;
    // Another apiserver may have issued the token for something that this one has not heard of yet.
    const stored = await readIfPresent(objects, resource, namespace, claim.name);
    if (!isAlive(stored, claim, nowMs)) throw unauthorized(whyInvalid(resource.resource, namespace, claim, stored));
  }
}

/** In upstream's words; they reach who reviews the token, not who brought it. */
function whyInvalid(resource: string, namespace: string, claim: ObjectClaim, stored: KubeObject | undefined): string {
  const isAccount = resource === "serviceaccounts";
  if (!stored) return isAccount ? notFound({ group: "", resource }, claim.name).message : invalidated;
  const { uid = "" } = stored.metadata;
  if (uid === claim.uid) {
    return isAccount ? `service account ${namespace}/${claim.name} has been deleted` : invalidated;
  }
  if (isAccount) return `service account UID (${uid}) does not match claim (${claim.uid})`;
  const kind = resource.slice(0, -1);
  return `${kind} UID (${uid}) does not match service account ${kind} ref claim (${claim.uid})`;
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
