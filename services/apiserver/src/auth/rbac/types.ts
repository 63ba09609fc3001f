/** The kinds of rbac.authorization.k8s.io/v1 under the names used here; `Subject` alone would say too little. */
export type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject as RbacSubject,
} from "@tskube/api";
