import type { Role, RoleBinding } from "../../auth/rbac/types.ts";
import { events, namespacedBinding, namespacedRole, read, rule, serviceAccount, user } from "./build.ts";

const system = "kube-system";
const authenticationReader = "extension-apiserver-authentication-reader";
const leaderLocking = (component: string) => `system::leader-locking-${component}`;

function leaderLockingRole(component: string): Role {
  return namespacedRole(system, leaderLocking(component), [
    rule("watch", "core", "configmaps"),
    rule("get update", "core", "configmaps", [component]),
  ]);
}

export const namespaceRoles: readonly Role[] = [
  namespacedRole(system, authenticationReader, [
    rule(read, "core", "configmaps", ["extension-apiserver-authentication"]),
  ]),
  namespacedRole(system, "system:controller:bootstrap-signer", [rule(read, "core", "secrets")]),
  namespacedRole(system, "system:controller:cloud-provider", [rule("create get list watch", "core", "configmaps")]),
  namespacedRole(system, "system:controller:token-cleaner", [rule("get list watch delete", "core", "secrets"), events]),
  leaderLockingRole("kube-controller-manager"),
  leaderLockingRole("kube-scheduler"),
  namespacedRole("kube-public", "system:controller:bootstrap-signer", [
    rule(read, "core", "configmaps"),
    rule("update", "core", "configmaps", ["cluster-info"]),
    events,
  ]),
];

const managers = ["kube-controller-manager", "kube-scheduler"] as const;

export const namespaceBindings: readonly RoleBinding[] = [
  ...managers.map((component) =>
    namespacedBinding(system, leaderLocking(component), [
      user(`system:${component}`),
      serviceAccount(system, component),
    ]),
  ),
  namespacedBinding(
    system,
    authenticationReader,
    managers.map((component) => user(`system:${component}`)),
    `system::${authenticationReader}`,
  ),
  ...["bootstrap-signer", "cloud-provider", "token-cleaner"].map((name) =>
    namespacedBinding(system, `system:controller:${name}`, [serviceAccount(system, name)]),
  ),
  namespacedBinding("kube-public", "system:controller:bootstrap-signer", [serviceAccount(system, "bootstrap-signer")]),
];
