import type { Pod, TokenRequest } from "@tskube/api";
import { notFound } from "@tskube/apimachinery";
import { objectOf } from "../../matches.ts";
import { refuse } from "../../refuse.ts";
import type { NodeWrite } from "./node-write.ts";

/** A node gets tokens for pods that run on it, bound to them. */
export function checkToken({ attributes, nodeName, objects }: NodeWrite): void {
  const reference = objectOf<TokenRequest>(attributes).spec.boundObjectRef;
  if (reference?.apiVersion !== "v1" || reference.kind !== "Pod" || !reference.name) {
    throw refuse(attributes, "node requested token not bound to a pod");
  }
  if (!reference.uid) throw refuse(attributes, "node requested token with a pod binding without a uid");
  const pods = { group: "", resource: "pods" };
  const pod = objects.reader<Pod>(pods).get(attributes.namespace, reference.name);
  if (!pod) throw notFound(pods, reference.name);
  if (pod.metadata.uid !== reference.uid) {
    throw refuse(
      attributes,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec.nodeName !== nodeName) {
    throw refuse(attributes, "node requested token bound to a pod scheduled on a different node");
  }
}
