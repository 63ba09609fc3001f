import type { ClusterRoleBinding } from "../../auth/rbac/types.ts";
import { clusterBinding, group, serviceAccount, user } from "./build.ts";

const authenticated = group("system:authenticated");

/** Groups that the bootstrap binds beyond upstream's own, as kubeadm does: an administrator's, and the apiserver's client to kubelets. */
export const clusterAdminsGroup = "kubeadm:cluster-admins";
export const nodeBootstrappersGroup = "system:bootstrappers";

export const clusterBindings: readonly ClusterRoleBinding[] = [
  clusterBinding("cluster-admin", [group("system:masters")]),
  clusterBinding("system:monitoring", [group("system:monitoring")]),
  clusterBinding("system:discovery", [authenticated]),
  clusterBinding("system:basic-user", [authenticated]),
  clusterBinding("system:public-info-viewer", [authenticated, group("system:unauthenticated")]),
  clusterBinding("system:node-proxier", [user("system:kube-proxy")]),
  clusterBinding("system:kube-controller-manager", [user("system:kube-controller-manager")]),
  clusterBinding("system:kube-dns", [serviceAccount("kube-system", "kube-dns")]),
  clusterBinding("system:kube-scheduler", [user("system:kube-scheduler")]),
  clusterBinding("system:volume-scheduler", [user("system:kube-scheduler")]),
  // Without subjects: nodes get their rights from the Node authorizer; clusters that lack it add the group `system:nodes` here.
  clusterBinding("system:node", []),
  clusterBinding("system:service-account-issuer-discovery", [group("system:serviceaccounts")]),
];

/** What kubeadm adds for a cluster whose nodes join by bootstrap tokens. */
export const joinBindings: readonly ClusterRoleBinding[] = [
  clusterBinding("cluster-admin", [group(clusterAdminsGroup)], "kubeadm:cluster-admins"),
  clusterBinding("system:kubelet-api-admin", [user("kube-apiserver-kubelet-client")], "kube-apiserver-kubelet-client"),
  clusterBinding("system:node-bootstrapper", [group(nodeBootstrappersGroup)], "kubeadm:kubelet-bootstrap"),
  clusterBinding(
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    [group(nodeBootstrappersGroup)],
    "kubeadm:node-autoapprove-bootstrap",
  ),
  clusterBinding(
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    [group("system:nodes")],
    "kubeadm:node-autoapprove-certificate-rotation",
  ),
];
