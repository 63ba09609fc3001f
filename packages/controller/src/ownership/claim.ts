import type { KubeObject } from "@tskube/api";
import { controllerOf, type LabelSelector } from "@tskube/apimachinery";

/** What is to become of an object that an owner may have or want. */
export type Claim = "keep" | "adopt" | "release" | "ignore";

/**
 * The rules of ownership: a controller keeps what it controls and selects, releases what it controls but no longer selects, and adopts
 * what it selects and nobody controls. Something or somebody that is being deleted takes and loses nothing.
 */
export function decideClaim(owner: KubeObject, object: KubeObject, matches: (object: KubeObject) => boolean): Claim {
  const controller = controllerOf(object);
  const isOwnerGoing = owner.metadata.deletionTimestamp !== undefined;
  if (controller) {
    if (controller.uid !== owner.metadata.uid) return "ignore";
    if (matches(object)) return "keep";
    return isOwnerGoing ? "ignore" : "release";
  }
  if (isOwnerGoing || object.metadata.deletionTimestamp !== undefined || !matches(object)) return "ignore";
  if (owner.metadata.namespace && owner.metadata.namespace !== object.metadata.namespace) return "ignore";
  return "adopt";
}

/** Labels decide; an empty selector selects nothing, for it would adopt a whole namespace. */
export function selectedBy(selector: LabelSelector): (object: KubeObject) => boolean {
  return (object) => !selector.isEmpty && selector.matches(object.metadata.labels);
}
