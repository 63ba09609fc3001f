import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@tskube/api";
import { pathSegmentNameErrors } from "@tskube/apimachinery";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { roleBindingColumns, roleColumns } from "./columns.ts";
import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
  validateRoleRefUpdate,
} from "./validate.ts";

const role = { validateName: pathSegmentNameErrors, columns: roleColumns };
const binding = { validateName: pathSegmentNameErrors, columns: roleBindingColumns };

export const accessStrategies: StrategyList = {
  "roles.rbac.authorization.k8s.io": strategyFor<Role>({
    ...role,
    validate: validateRole,
    validateUpdate: validateRole,
  }),
  "clusterroles.rbac.authorization.k8s.io": strategyFor<ClusterRole>({
    ...role,
    validate: validateClusterRole,
    validateUpdate: validateClusterRole,
  }),
  "rolebindings.rbac.authorization.k8s.io": strategyFor<RoleBinding>({
    ...binding,
    validate: validateRoleBinding,
    validateUpdate: (object, old) => [...validateRoleBinding(object), ...validateRoleRefUpdate(object, old)],
  }),
  "clusterrolebindings.rbac.authorization.k8s.io": strategyFor<ClusterRoleBinding>({
    ...binding,
    validate: validateClusterRoleBinding,
    validateUpdate: (object, old) => [...validateClusterRoleBinding(object), ...validateRoleRefUpdate(object, old)],
  }),
};
