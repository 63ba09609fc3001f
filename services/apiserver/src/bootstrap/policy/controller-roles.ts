import { compactRules } from "../../auth/rbac/covers.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "../../auth/rbac/types.ts";
import { clusterBinding, clusterRole, events, read, rule, serviceAccount, user } from "./build.ts";

/** What each controller of the controller-manager may do under its own service account `kube-system/NAME`. */
const controllers: Readonly<Record<string, readonly PolicyRule[]>> = {
  "attachdetach-controller": [
    rule("list watch", "core", "persistentvolumes persistentvolumeclaims"),
    rule(read, "core", "nodes"),
    rule("patch update", "core", "nodes/status"),
    rule("list watch", "core", "pods"),
    events,
    rule("get create delete list watch", "storage.k8s.io", "volumeattachments"),
    rule(read, "storage.k8s.io", "csidrivers"),
    rule(read, "storage.k8s.io", "csinodes"),
  ],
  // `escalate` lets the aggregation write rules it does not hold itself.
  "clusterrole-aggregation-controller": [
    rule("escalate get list watch update patch", "rbac.authorization.k8s.io", "clusterroles"),
  ],
  "cronjob-controller": [
    rule("get list watch update", "batch", "cronjobs"),
    rule("get list watch create update delete patch", "batch", "jobs"),
    rule("update", "batch", "cronjobs/status"),
    rule("update", "batch", "cronjobs/finalizers"),
    rule("list watch delete", "core", "pods"),
    events,
  ],
  "daemon-set-controller": [
    rule(read, "extensions apps", "daemonsets"),
    rule("update", "extensions apps", "daemonsets/status"),
    rule("update", "extensions apps", "daemonsets/finalizers"),
    rule("list watch", "core", "nodes"),
    rule("list watch create delete patch", "core", "pods"),
    rule("create", "core", "pods/binding"),
    rule("get list watch create delete update patch", "apps", "controllerrevisions"),
    events,
  ],
  "deployment-controller": [
    rule("get list watch update", "extensions apps", "deployments"),
    rule("update", "extensions apps", "deployments/status"),
    rule("update", "extensions apps", "deployments/finalizers"),
    rule("get list watch create update patch delete", "apps extensions", "replicasets"),
    rule("get list watch update", "core", "pods"),
    events,
  ],
  "disruption-controller": [
    rule(read, "extensions apps", "deployments"),
    rule(read, "apps extensions", "replicasets"),
    rule(read, "core", "replicationcontrollers"),
    rule(read, "policy", "poddisruptionbudgets"),
    rule(read, "apps", "statefulsets"),
    rule("update", "policy", "poddisruptionbudgets/status"),
    rule("patch update", "core", "pods/status"),
    rule("get", "*", "*/scale"),
    events,
  ],
  "endpoint-controller": [
    rule(read, "core", "services pods"),
    rule("get list watch create update delete", "core", "endpoints"),
    rule("create", "core", "endpoints/restricted"),
    events,
  ],
  // Setting blockOwnerDeletion on an owner needs `update` on its finalizers.
  "endpointslice-controller": [
    rule(read, "core", "services pods nodes"),
    rule("update", "core", "services/finalizers"),
    rule("get list watch create update delete", "discovery.k8s.io", "endpointslices"),
    events,
  ],
  "endpointslicemirroring-controller": [
    rule(read, "core", "services endpoints"),
    rule("update", "core", "services/finalizers"),
    rule("update", "core", "endpoints/finalizers"),
    rule("get list watch create update delete", "discovery.k8s.io", "endpointslices"),
    events,
  ],
  "expand-controller": [
    rule("get list watch update patch", "core", "persistentvolumes"),
    rule("update patch", "core", "persistentvolumeclaims/status"),
    rule(read, "core", "persistentvolumeclaims"),
    events,
    rule("get", "core", "services"),
  ],
  "ephemeral-volume-controller": [
    rule(read, "core", "pods"),
    rule("update", "core", "pods/finalizers"),
    rule("get list watch create", "core", "persistentvolumeclaims"),
    events,
  ],
  "resource-claim-controller": [
    rule(read, "core", "pods"),
    rule("update", "core", "pods/finalizers"),
    rule("get list watch create delete", "resource.k8s.io", "resourceclaims"),
    rule("update patch", "resource.k8s.io", "resourceclaims resourceclaims/status"),
    rule("update patch", "core", "pods/status"),
    events,
  ],
  "generic-garbage-collector": [rule("get list watch patch update delete", "*", "*"), events],
  "horizontal-pod-autoscaler": [
    rule(read, "autoscaling", "horizontalpodautoscalers"),
    rule("update", "autoscaling", "horizontalpodautoscalers/status"),
    rule("get update", "*", "*/scale"),
    rule("list watch", "core", "pods"),
    rule("list watch", "metrics.k8s.io", "pods"),
    rule(read, "custom.metrics.k8s.io", "*"),
    rule(read, "external.metrics.k8s.io", "*"),
    events,
  ],
  "job-controller": [
    rule("get list watch update patch", "batch", "jobs"),
    rule("update", "batch", "jobs/status"),
    rule("update", "batch", "jobs/finalizers"),
    rule("list watch create delete patch", "core", "pods"),
    events,
  ],
  "namespace-controller": [
    rule("get list watch delete", "core", "namespaces"),
    rule("update", "core", "namespaces/finalize namespaces/status"),
    rule("get list watch delete deletecollection", "*", "*"),
  ],
  "node-controller": [
    rule("get list watch update delete patch", "core", "nodes"),
    rule("patch update", "core", "nodes/status"),
    rule("patch update", "core", "pods/status"),
    rule("list watch get delete", "core", "pods"),
    events,
  ],
  "persistent-volume-binder": [
    rule("get list watch update create delete", "core", "persistentvolumes"),
    rule("update", "core", "persistentvolumes/status"),
    rule("get list watch update", "core", "persistentvolumeclaims"),
    rule("update", "core", "persistentvolumeclaims/status"),
    rule("list watch get create delete", "core", "pods"),
    rule(read, "storage.k8s.io", "storageclasses"),
    rule("list watch", "core", "nodes"),
    events,
    rule("watch", "core", "events"),
    rule("get", "core", "services"),
  ],
  "pod-garbage-collector": [
    rule("list watch delete", "core", "pods"),
    rule(read, "core", "nodes"),
    rule("patch", "core", "pods/status"),
  ],
  "replicaset-controller": [
    rule("get list watch update", "apps extensions", "replicasets"),
    rule("update", "apps extensions", "replicasets/status"),
    rule("update", "apps extensions", "replicasets/finalizers"),
    rule("list watch patch create delete", "core", "pods"),
    events,
  ],
  "replication-controller": [
    rule("get list watch update", "core", "replicationcontrollers"),
    rule("update", "core", "replicationcontrollers/status"),
    rule("update", "core", "replicationcontrollers/finalizers"),
    rule("list watch patch create delete", "core", "pods"),
    events,
  ],
  "resourcequota-controller": [rule("list watch", "*", "*"), rule("update", "core", "resourcequotas/status"), events],
  "route-controller": [rule("list watch", "core", "nodes"), rule("patch", "core", "nodes/status"), events],
  "service-account-controller": [rule("create", "core", "serviceaccounts"), events],
  "service-controller": [
    rule(read, "core", "services"),
    rule("patch update", "core", "services/status"),
    rule("list watch", "core", "nodes"),
    events,
  ],
  "service-cidrs-controller": [
    rule("get list watch patch update", "networking.k8s.io", "servicecidrs"),
    rule("patch update", "networking.k8s.io", "servicecidrs/finalizers"),
    rule("patch update", "networking.k8s.io", "servicecidrs/status"),
    rule(read, "networking.k8s.io", "ipaddresses"),
    events,
  ],
  "statefulset-controller": [
    rule("list watch", "core", "pods"),
    rule(read, "apps", "statefulsets"),
    rule("update", "apps", "statefulsets/status"),
    rule("update", "apps", "statefulsets/finalizers"),
    rule("get create delete update patch", "core", "pods"),
    rule("get create delete update patch list watch", "apps", "controllerrevisions"),
    rule("get create list watch", "core", "persistentvolumeclaims"),
    rule("update delete", "core", "persistentvolumeclaims"),
    rule("update", "core", "pods/finalizers"),
    events,
  ],
  "ttl-controller": [rule("update patch list watch", "core", "nodes"), events],
  "certificate-controller": [
    rule("get list watch delete", "certificates.k8s.io", "certificatesigningrequests"),
    rule("update", "certificates.k8s.io", "certificatesigningrequests/status certificatesigningrequests/approval"),
    rule("approve", "certificates.k8s.io", "signers", ["kubernetes.io/kube-apiserver-client-kubelet"]),
    rule("sign", "certificates.k8s.io", "signers", [
      "kubernetes.io/legacy-unknown",
      "kubernetes.io/kube-apiserver-client",
      "kubernetes.io/kube-apiserver-client-kubelet",
      "kubernetes.io/kubelet-serving",
    ]),
    rule("create", "authorization.k8s.io", "subjectaccessreviews"),
    events,
  ],
  "pvc-protection-controller": [
    rule("get list watch update", "core", "persistentvolumeclaims"),
    rule("list watch get", "core", "pods"),
    events,
  ],
  "pv-protection-controller": [rule("get list watch update", "core", "persistentvolumes"), events],
  "volumeattributesclass-protection-controller": [
    rule("list watch get", "core", "persistentvolumeclaims"),
    rule("list watch get", "core", "persistentvolumes"),
    rule("get list watch update", "storage.k8s.io", "volumeattributesclasses"),
    events,
  ],
  "ttl-after-finished-controller": [rule("get list watch delete", "batch", "jobs"), events],
  "root-ca-cert-publisher": [rule("create update", "core", "configmaps"), events],
  "validatingadmissionpolicy-status-controller": [
    rule(read, "admissionregistration.k8s.io", "validatingadmissionpolicies"),
    rule("get patch update", "admissionregistration.k8s.io", "validatingadmissionpolicies/status"),
    events,
  ],
  "legacy-service-account-token-cleaner": [
    rule("get", "core", "configmaps", ["kube-apiserver-legacy-service-account-token-tracking"]),
    rule("patch delete", "core", "secrets"),
  ],
  "selinux-warning-controller": [
    events,
    rule(read, "core", "persistentvolumes"),
    rule(read, "core", "persistentvolumeclaims"),
    rule(read, "core", "pods"),
    rule(read, "storage.k8s.io", "csidrivers"),
  ],
  "storage-version-garbage-collector": [
    rule(read, "coordination.k8s.io", "leases"),
    rule("get list watch patch update delete", "internal.apiserver.k8s.io", "storageversions"),
    rule("get patch update", "internal.apiserver.k8s.io", "storageversions/status"),
  ],
};

const prefix = "system:controller:";

export const controllerRoles: readonly ClusterRole[] = Object.entries(controllers).map(([name, rules]) =>
  clusterRole(prefix + name, rules),
);

export const controllerBindings: readonly ClusterRoleBinding[] = Object.keys(controllers).map((name) =>
  clusterBinding(prefix + name, [serviceAccount("kube-system", name)]),
);

/**
 * All of the above in one role, for a controller manager that runs its controllers under its own identity. It gives nothing new away: whoever may
 * have tokens of all service accounts, as the controller manager may, can act as each of them.
 */
export const allControllersRole: ClusterRole = clusterRole(
  "tskube:controllers",
  compactRules(Object.values(controllers).flat()),
);

export const allControllersBinding: ClusterRoleBinding = clusterBinding(allControllersRole.metadata.name, [
  user("system:kube-controller-manager"),
]);
