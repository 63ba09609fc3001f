import { expect } from "chai";
import { BindingIndex } from "../../auth/rbac/binding-index.ts";
import { ask, userNamed } from "../../auth/testing/ask.ts";
import { namespacedBinding, user } from "./build.ts";
import { clusterBindings, joinBindings } from "./cluster-bindings.ts";
import { clusterRoles } from "./cluster-roles.ts";
import { allControllersBinding, allControllersRole, controllerBindings, controllerRoles } from "./controller-roles.ts";
import { namespaceBindings, namespaceRoles } from "./namespace-roles.ts";
import { userRoles } from "./user-roles.ts";

const index = new BindingIndex();
for (const role of [...clusterRoles, ...userRoles, ...controllerRoles, allControllersRole, ...namespaceRoles])
  index.setRole(role);
for (const binding of [
  ...clusterBindings,
  ...joinBindings,
  ...controllerBindings,
  allControllersBinding,
  ...namespaceBindings,
]) {
  index.setBinding(binding);
}
for (const [role, name] of [
  ["view", "viewer"],
  ["edit", "editor"],
  ["admin", "namespace-admin"],
] as const) {
  const binding = namespacedBinding("dev", role, [user(name)]);
  index.setBinding({ ...binding, roleRef: { ...binding.roleRef, kind: "ClusterRole" } });
}

const users = {
  scheduler: userNamed("system:kube-scheduler"),
  manager: userNamed("system:kube-controller-manager"),
  proxy: userNamed("system:kube-proxy"),
  deployments: userNamed("system:serviceaccount:kube-system:deployment-controller", "system:serviceaccounts"),
  joining: userNamed("system:bootstrap:abcdef", "system:bootstrappers"),
  anybody: userNamed("ann"),
  viewer: userNamed("viewer"),
  editor: userNamed("editor"),
  namespaceAdmin: userNamed("namespace-admin"),
  nobody: { name: "system:anonymous", groups: ["system:unauthenticated"] },
  admin: userNamed("kubernetes-admin", "kubeadm:cluster-admins"),
  kubeletClient: userNamed("kube-apiserver-kubelet-client"),
};

const cases: readonly [keyof typeof users, string, boolean][] = [
  ["scheduler", "list pods", true],
  ["scheduler", "create pods/binding dev/web", true],
  ["scheduler", "get secrets dev/db", false],
  ["scheduler", "list secrets", false],
  ["scheduler", "delete nodes /n1", false],
  ["scheduler", "update leases.coordination.k8s.io kube-system/kube-scheduler", true],
  ["scheduler", "update leases.coordination.k8s.io kube-system/kube-controller-manager", false],
  ["scheduler", "patch persistentvolumes /pv", true],
  ["manager", "watch replicasets.apps", true],
  ["manager", "create serviceaccounts/token kube-system/deployment-controller", true],
  ["manager", "create pods dev", true],
  ["manager", "create clusterrolebindings.rbac.authorization.k8s.io", false],
  ["viewer", "list pods dev", true],
  ["viewer", "get secrets dev/db", false],
  ["editor", "get secrets dev/db", true],
  ["editor", "create roles.rbac.authorization.k8s.io dev", false],
  ["namespaceAdmin", "create roles.rbac.authorization.k8s.io dev", true],
  ["proxy", "watch endpointslices.discovery.k8s.io", true],
  ["proxy", "get secrets dev/db", false],
  ["deployments", "create replicasets.apps dev", true],
  ["deployments", "create pods dev", false],
  ["joining", "create certificatesigningrequests.certificates.k8s.io", true],
  ["joining", "list nodes", false],
  ["anybody", "create selfsubjectaccessreviews.authorization.k8s.io", true],
  ["anybody", "get /apis/apps/v1", true],
  ["anybody", "list pods dev", false],
  ["nobody", "get /version", true],
  ["nobody", "get /apis", false],
  ["nobody", "get /metrics", false],
  ["admin", "delete namespaces /dev", true],
  ["kubeletClient", "create nodes/proxy /n1", true],
  ["kubeletClient", "list pods", false],
];

describe("the default roles and bindings", () => {
  for (const [who, question, expected] of cases) {
    it(`${expected ? "let" : "do not let"} ${users[who].name} ${question}`, () => {
      expect(index.decide(ask(users[who], question)).allowed).to.equal(expected);
    });
  }

  it("carry the labels and annotations that the reconciler goes by", () => {
    for (const { metadata } of [...clusterRoles, ...userRoles, ...controllerRoles, ...namespaceRoles]) {
      expect(metadata.labels, metadata.name).to.include({ "kubernetes.io/bootstrapping": "rbac-defaults" });
      expect(metadata.annotations, metadata.name).to.include({ "rbac.authorization.kubernetes.io/autoupdate": "true" });
    }
  });
});
