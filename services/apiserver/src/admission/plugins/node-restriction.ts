import type { CertificateSigningRequest, ResourceSlice } from "@tskube/api";
import { nodeIdentity } from "../../auth/node/node-identity.ts";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { certificateRequestSubject } from "./certificate-request-subject.ts";
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
  "resource.k8s.io/resourceslices": checkResourceSlice,
  "certificates.k8s.io/certificatesigningrequests": checkCertificateRequest,
};

/** Keeps kubelets, which the Node authorizer lets write some kinds of objects, to those that are their own. */
export function nodeRestriction({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    handles: ({ user, operation }) => operation !== "CONNECT" && nodeIdentity(user).isNode,
    async validate(attributes) {
      const { nodeName } = nodeIdentity(attributes.user);
      if (!nodeName) throw refuse(attributes, `could not determine node from user "${attributes.user.name}"`);
      const { group, resource, subresource } = attributes;
      const check = checks[`${group}/${resource}${subresource && `/${subresource}`}`];
      await check?.({ attributes, nodeName, objects });
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

function checkResourceSlice({ attributes, nodeName }: NodeWrite): void {
  const slice = (attributes.operation === "CREATE" ? attributes.object : attributes.oldObject) as
    | ResourceSlice
    | undefined;
  if (slice && slice.spec.nodeName !== nodeName) {
    const verb = attributes.operation.toLowerCase();
    throw refuse(attributes, `can only ${verb} ResourceSlice with the same NodeName as the requesting node`);
  }
}

const nodeSigners = new Set(["kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet"]);

/** A node asks for certificates of its own name alone. */
async function checkCertificateRequest({ attributes, nodeName }: NodeWrite): Promise<void> {
  if (attributes.operation !== "CREATE") return;
  const { spec } = objectOf<CertificateSigningRequest>(attributes);
  if (!nodeSigners.has(spec.signerName)) return;
  const subject = await certificateRequestSubject(spec.request);
  if (subject?.commonName !== `system:node:${nodeName}`) {
    throw refuse(attributes, `can only create a node CSR with CN=system:node:${nodeName}`);
  }
}

/** On create the name stands in the object alone. */
function nameOf({ name, object }: AdmissionAttributes): string {
  return name || (object?.metadata.name ?? "");
}
