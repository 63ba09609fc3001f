import { nodeIdentity } from "../../auth/node/node-identity.ts";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { checkNode } from "./node-restriction/node-object.ts";
import type { NodeCheck, NodeWrite } from "./node-restriction/node-write.ts";
import { checkPod, checkPodEviction, checkPodStatus } from "./node-restriction/pod-object.ts";
import { checkToken } from "./node-restriction/token-request.ts";

const checks: Readonly<Record<string, NodeCheck>> = {
  "/pods": checkPod,
  "/pods/status": checkPodStatus,
  "/pods/eviction": checkPodEviction,
  "/nodes": checkNode,
  "/nodes/status": checkNode,
  "/serviceaccounts/token": checkToken,
  "coordination.k8s.io/leases": checkLease,
  "storage.k8s.io/csinodes": checkCsiNode,
};

/** Keeps kubelets, which the Node authorizer lets write some kinds of objects, to those that are their own. */
export function nodeRestriction({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    handles: ({ user, operation }) => operation !== "CONNECT" && nodeIdentity(user).isNode,
    validate(attributes) {
      const { nodeName } = nodeIdentity(attributes.user);
      if (!nodeName) throw refuse(attributes, `could not determine node from user "${attributes.user.name}"`);
      const { group, resource, subresource } = attributes;
      const check = checks[`${group}/${resource}${subresource && `/${subresource}`}`];
      check?.({ attributes, nodeName, objects });
    },
  };
}

function checkLease({ attributes, nodeName }: NodeWrite): void {
  if (attributes.namespace !== "kube-node-lease") {
    throw refuse(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  }
  if (nameOf(attributes) !== nodeName) {
    throw refuse(attributes, "can only access node lease with the same name as the requesting node");
  }
}

function checkCsiNode({ attributes, nodeName }: NodeWrite): void {
  if (nameOf(attributes) !== nodeName) {
    throw refuse(attributes, "can only access CSINode with the same name as the requesting node");
  }
}

/** On create the name stands in the object alone. */
function nameOf({ name, object }: AdmissionAttributes): string {
  return name || (object?.metadata.name ?? "");
}
