import type { KubeObject } from "@tskube/api";
import type { LocalObjects, ObjectChange } from "../../registry/objects.ts";
import type { Authorizer } from "../authorizer.ts";
import { BindingIndex } from "./binding-index.ts";
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "./types.ts";

const group = "rbac.authorization.k8s.io";

export interface RbacAuthorizer extends Authorizer {
  readonly index: BindingIndex;
  close(): void;
}

/** Decides by the cluster's roles and bindings, following their changes until closed. */
export function startRbacAuthorizer(objects: LocalObjects): RbacAuthorizer {
  const index = new BindingIndex();
  const follow = <T extends KubeObject>(resource: string, set: (object: T) => void, remove: (object: T) => void) =>
    objects.reader<T>({ group, resource }).subscribe((change: ObjectChange<T>) => {
      if (change.type === "DELETED") remove(change.object);
      else set(change.object);
    });
  const setRole = (role: Role | ClusterRole) => index.setRole(role);
  const removeRole = (role: Role | ClusterRole) => index.removeRole(role);
  const setBinding = (binding: RoleBinding | ClusterRoleBinding) => index.setBinding(binding);
  const removeBinding = (binding: RoleBinding | ClusterRoleBinding) => index.removeBinding(binding);
  const stops = [
    follow<ClusterRole>("clusterroles", setRole, removeRole),
    follow<Role>("roles", setRole, removeRole),
    follow<ClusterRoleBinding>("clusterrolebindings", setBinding, removeBinding),
    follow<RoleBinding>("rolebindings", setBinding, removeBinding),
  ];
  return {
    name: "RBAC",
    index,
    authorize(attributes) {
      const decision = index.decide(attributes);
      return decision.allowed ? decision : { allowed: false, denied: false, reason: decision.reason };
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
