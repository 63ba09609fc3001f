import type { Pod } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { podReferences } from "../../../auth/node/pod-references.ts";
import { isMirrorPod, objectOf, oldObjectOf } from "../../matches.ts";
import { refuse } from "../../refuse.ts";
import type { NodeWrite } from "./node-write.ts";

/** A node creates mirror pods of itself, and deletes pods that run on it. */
export function checkPod(write: NodeWrite): void {
  const { attributes, nodeName } = write;
  switch (attributes.operation) {
    case "CREATE":
      checkMirrorPod(write);
      return;
    case "DELETE":
      if (boundNode(write) !== nodeName) {
        throw refuse(attributes, `node "${nodeName}" can only delete pods with spec.nodeName set to itself`);
      }
      return;
    default:
      throw refuse(
        attributes,
        `unexpected operation "${attributes.operation}", node "${nodeName}" can only create and delete mirror pods`,
      );
  }
}

function checkMirrorPod({ attributes, nodeName, objects }: NodeWrite): void {
  const pod = objectOf<Pod>(attributes);
  if (!isMirrorPod(pod)) {
    throw refuse(
      attributes,
      `pod does not have "kubernetes.io/config.mirror" annotation, node "${nodeName}" can only create mirror pods`,
    );
  }
  if (pod.spec.nodeName !== nodeName) {
    throw refuse(attributes, `node "${nodeName}" can only create pods with spec.nodeName set to itself`);
  }
  const [owner, ...others] = pod.metadata.ownerReferences ?? [];
  if (others.length > 0 || (owner && !isNodeOwner(owner, nodeName))) {
    throw refuse(attributes, `node "${nodeName}" can only create pods with an owner reference set to itself`);
  }
  const node = owner && objects.reader({ group: "", resource: "nodes" }).get("", nodeName);
  if (owner && node?.metadata.uid !== owner.uid) {
    throw refuse(attributes, `node ${nodeName} UID mismatch: expected ${owner.uid} got ${node?.metadata.uid ?? ""}`);
  }
  if (pod.spec.serviceAccountName) {
    throw refuse(attributes, `node "${nodeName}" can not create pods that reference a service account`);
  }
  const { "kubernetes.io/config.mirror": _mirror, ...annotations } = pod.metadata.annotations ?? {};
  for (const key of podReferences({ ...pod, metadata: { ...pod.metadata, annotations } })) {
    throw refuse(attributes, `node "${nodeName}" can not create pods that reference ${key.slice(0, key.indexOf(":"))}`);
  }
}

function isNodeOwner(
  owner: { apiVersion: string; kind: string; name: string; controller?: boolean | undefined },
  nodeName: string,
) {
  return owner.apiVersion === "v1" && owner.kind === "Node" && owner.name === nodeName && owner.controller === true;
}

export function checkPodStatus(write: NodeWrite): void {
  const { attributes, nodeName } = write;
  if (attributes.operation !== "UPDATE") throw refuse(attributes, `unexpected operation "${attributes.operation}"`);
  if (boundNode(write) !== nodeName) {
    throw refuse(attributes, `node "${nodeName}" can only update pod status for pods with spec.nodeName set to itself`);
  }
  const labels = objectOf<Pod>(attributes).metadata.labels ?? {};
  if (!deepEqual(labels, attributes.oldObject?.metadata.labels ?? {})) {
    throw refuse(attributes, `node "${nodeName}" cannot update labels through pod status`);
  }
}

export function checkPodEviction(write: NodeWrite): void {
  const { attributes, nodeName } = write;
  if (boundNode(write) !== nodeName) {
    throw refuse(attributes, `node ${nodeName} can only evict pods with spec.nodeName set to itself`);
  }
}

/** Where the stored pod runs. */
function boundNode({ attributes, objects }: NodeWrite): string {
  const stored =
    oldObjectOf<Pod>(attributes) ??
    objects.reader<Pod>({ group: "", resource: "pods" }).get(attributes.namespace, attributes.name);
  return stored?.spec.nodeName ?? "";
}
