import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";

const createdAt = column("Created At", "When the object was created.", { type: "date" });

export const roleColumns: TableColumns<Role | ClusterRole> = {
  definitions: [nameColumn, createdAt],
  cells: (role) => [role.metadata.name, role.metadata.creationTimestamp ?? "<unknown>"],
};

const wide = { isWide: true };

export const roleBindingColumns: TableColumns<RoleBinding | ClusterRoleBinding> = {
  definitions: [
    nameColumn,
    column("Role", "The role that is granted."),
    ageColumn,
    column("Users", "Users who have it.", wide),
    column("Groups", "Groups who have it.", wide),
    column("ServiceAccounts", "Service accounts who have it.", wide),
  ],
  cells: (binding) => {
    const of = (kind: string) => (binding.subjects ?? []).filter((subject) => subject.kind === kind);
    return [
      binding.metadata.name,
      `${binding.roleRef.kind}/${binding.roleRef.name}`,
      ageOf(binding),
      of("User")
        .map(({ name }) => name)
        .join(", "),
      of("Group")
        .map(({ name }) => name)
        .join(", "),
      of("ServiceAccount")
        .map(({ namespace, name }) => `${namespace}/${name}`)
        .join(", "),
    ];
  },
};
