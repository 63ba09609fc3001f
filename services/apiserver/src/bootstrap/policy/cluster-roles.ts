import { nodeRules } from "../../auth/node/node-rules.ts";
import type { ClusterRole, PolicyRule } from "../../auth/rbac/types.ts";
import { clusterRole, events, read, rule, urls } from "./build.ts";

const authentication = "authentication.k8s.io";
const authorization = "authorization.k8s.io";
const certificates = "certificates.k8s.io";
const resource = "resource.k8s.io";
const storage = "storage.k8s.io";

const authDelegation: readonly PolicyRule[] = [
  rule("create", authentication, "tokenreviews"),
  rule("create", authorization, "subjectaccessreviews"),
];

const discoveryPaths = [
  "/livez",
  "/readyz",
  "/healthz",
  "/version",
  "/version/",
  "/openapi",
  "/openapi/*",
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
];

const schedulerRules: readonly PolicyRule[] = [
  events,
  rule("create", "coordination.k8s.io", "leases"),
  rule("get update list watch", "coordination.k8s.io", "leases", ["kube-scheduler"]),
  rule("create", "coordination.k8s.io", "leasecandidates"),
  rule("get list watch update patch delete", "coordination.k8s.io", "leasecandidates"),
  rule(read, "core", "nodes"),
  rule("get list watch delete", "core", "pods"),
  rule("create", "core", "pods/binding bindings"),
  rule("update patch", "core", "pods/status"),
  rule(read, "core", "services replicationcontrollers"),
  rule(read, "apps extensions", "replicasets"),
  rule(read, "apps", "statefulsets"),
  rule(read, "policy", "poddisruptionbudgets"),
  rule(read, "core", "persistentvolumeclaims persistentvolumes"),
  ...authDelegation,
  rule(read, storage, "csinodes"),
  rule(read, "core", "namespaces"),
  rule(read, storage, "csidrivers"),
  rule(read, storage, "csistoragecapacities"),
  rule(read, storage, "volumeattachments"),
  rule("get list watch update patch", resource, "resourceclaims"),
  rule("update patch", resource, "resourceclaims/status"),
  rule(read, resource, "resourceslices deviceclasses devicetaintrules"),
];

const controllerManagerRules: readonly PolicyRule[] = [
  events,
  rule("create", "coordination.k8s.io", "leases"),
  rule("get update", "coordination.k8s.io", "leases", ["kube-controller-manager"]),
  rule("create", "coordination.k8s.io", "leasecandidates"),
  rule("get list watch update patch delete", "coordination.k8s.io", "leasecandidates"),
  rule("create", "core", "secrets serviceaccounts"),
  rule("delete", "core", "secrets"),
  rule("get", "core", "namespaces secrets serviceaccounts configmaps"),
  rule("update", "core", "secrets serviceaccounts"),
  ...authDelegation,
  // Its shared informers watch whatever any controller, quota or the garbage collector asks about.
  rule("list watch", "*", "*"),
  rule("create", "core", "serviceaccounts/token"),
];

const signers: Readonly<Record<string, string>> = {
  "legacy-unknown": "kubernetes.io/legacy-unknown",
  "kubelet-serving": "kubernetes.io/kubelet-serving",
  "kube-apiserver-client": "kubernetes.io/kube-apiserver-client",
  "kube-apiserver-client-kubelet": "kubernetes.io/kube-apiserver-client-kubelet",
};

/** The roles of the components and of everybody. */
export const clusterRoles: readonly ClusterRole[] = [
  clusterRole("cluster-admin", [rule("*", "*", "*"), urls("*", "*")]),
  clusterRole("system:discovery", [urls("get", ...discoveryPaths)]),
  clusterRole("system:monitoring", [
    urls("get", "/metrics", "/metrics/slis", "/livez", "/readyz", "/healthz", "/livez/*", "/readyz/*", "/healthz/*"),
  ]),
  clusterRole("system:basic-user", [
    rule("create", authorization, "selfsubjectaccessreviews selfsubjectrulesreviews"),
    rule("create", authentication, "selfsubjectreviews"),
  ]),
  clusterRole("system:public-info-viewer", [urls("get", "/livez", "/readyz", "/healthz", "/version", "/version/")]),
  clusterRole("system:heapster", [
    rule(read, "core", "events pods nodes namespaces"),
    rule(read, "extensions", "deployments"),
  ]),
  clusterRole("system:node", nodeRules),
  clusterRole("system:node-problem-detector", [
    rule("get", "core", "nodes"),
    rule("patch", "core", "nodes/status"),
    events,
  ]),
  clusterRole("system:kubelet-api-admin", [
    rule(read, "core", "nodes"),
    rule("proxy", "core", "nodes"),
    rule("*", "core", "nodes/proxy nodes/metrics nodes/stats nodes/log nodes/configz nodes/healthz nodes/pods"),
  ]),
  clusterRole("system:node-bootstrapper", [rule("create get list watch", certificates, "certificatesigningrequests")]),
  clusterRole("system:auth-delegator", authDelegation),
  clusterRole("system:kube-aggregator", [rule(read, "core", "services endpoints")]),
  clusterRole("system:kube-controller-manager", controllerManagerRules),
  clusterRole("system:kube-dns", [rule("list watch", "core", "endpoints services")]),
  clusterRole("system:persistent-volume-provisioner", [
    rule("get list watch create delete", "core", "persistentvolumes"),
    rule("get list watch update", "core", "persistentvolumeclaims"),
    rule(read, storage, "storageclasses"),
    rule("watch", "core", "events"),
    events,
  ]),
  clusterRole("system:certificates.k8s.io:certificatesigningrequests:nodeclient", [
    rule("create", certificates, "certificatesigningrequests/nodeclient"),
  ]),
  clusterRole("system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", [
    rule("create", certificates, "certificatesigningrequests/selfnodeclient"),
  ]),
  ...Object.entries(signers).map(([name, signer]) =>
    clusterRole(`system:certificates.k8s.io:${name}-approver`, [rule("approve", certificates, "signers", [signer])]),
  ),
  clusterRole("system:volume-scheduler", [
    rule("get list watch patch update", "core", "persistentvolumes"),
    rule(read, storage, "storageclasses"),
    rule("get list watch patch update", "core", "persistentvolumeclaims"),
  ]),
  clusterRole("system:kube-scheduler", schedulerRules),
  clusterRole("system:node-proxier", [
    rule("list watch", "core", "services endpoints"),
    rule(read, "core", "nodes"),
    events,
    rule("list watch", "discovery.k8s.io", "endpointslices"),
    rule("list watch", "networking.k8s.io", "servicecidrs"),
  ]),
  clusterRole("system:service-account-issuer-discovery", [
    urls(
      "get",
      "/.well-known/openid-configuration",
      "/.well-known/openid-configuration/",
      "/openid/v1/jwks",
      "/openid/v1/jwks/",
    ),
  ]),
];
