import type { PolicyRule } from "../rbac/types.ts";

const core = "";
const read = ["get", "list", "watch"];

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources: [...resources], verbs: [...verbs] };
}

/** What a kubelet may do at all: the role `system:node`, to which nobody is bound, and the Node authorizer's rules for what it does not narrow. */
export const nodeRules: readonly PolicyRule[] = [
  rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
  rule("authorization.k8s.io", ["localsubjectaccessreviews", "subjectaccessreviews"], ["create"]),
  rule(core, ["services"], read),
  rule(core, ["nodes"], ["create", ...read]),
  rule(core, ["nodes/status"], ["patch", "update"]),
  rule(core, ["nodes"], ["patch", "update"]),
  rule(core, ["events"], ["create", "patch", "update"]),
  rule(core, ["pods"], read),
  rule(core, ["pods"], ["create", "delete"]),
  rule(core, ["pods/status"], ["patch", "update"]),
  rule(core, ["pods/eviction"], ["create"]),
  rule(core, ["configmaps", "secrets"], read),
  rule(core, ["persistentvolumeclaims", "persistentvolumes"], ["get"]),
  rule(core, ["endpoints"], ["get"]),
  rule("certificates.k8s.io", ["certificatesigningrequests"], ["create", ...read]),
  rule("coordination.k8s.io", ["leases"], ["create", "delete", "get", "patch", "update"]),
  rule("storage.k8s.io", ["volumeattachments"], ["get"]),
  rule(core, ["serviceaccounts/token"], ["create"]),
  rule(core, ["persistentvolumeclaims/status"], ["get", "patch", "update"]),
  rule("storage.k8s.io", ["csidrivers"], read),
  rule("storage.k8s.io", ["csinodes"], ["create", "delete", "get", "patch", "update"]),
  rule("node.k8s.io", ["runtimeclasses"], read),
  rule("resource.k8s.io", ["resourceclaims"], ["get"]),
  rule("resource.k8s.io", ["resourceslices"], ["deletecollection"]),
  rule("resource.k8s.io", ["resourceslices"], ["create", "delete", "patch", "update", ...read]),
  rule(core, ["serviceaccounts"], ["get"]),
];
