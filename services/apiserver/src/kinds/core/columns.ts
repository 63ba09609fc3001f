import type { ConfigMap, Namespace, Secret, ServiceAccount } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";

const dataColumn = column("Data", "The number of entries.");

export const namespaceColumns: TableColumns<Namespace> = {
  definitions: [nameColumn, column("Status", "The status of the namespace"), ageColumn],
  cells: (namespace, now) => [namespace.metadata.name, namespace.status?.phase ?? "", ageOf(namespace, now)],
};

export const configMapColumns: TableColumns<ConfigMap> = {
  definitions: [nameColumn, dataColumn, ageColumn],
  cells: (map, now) => [
    map.metadata.name,
    String(Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length),
    ageOf(map, now),
  ],
};

export const secretColumns: TableColumns<Secret> = {
  definitions: [nameColumn, column("Type", "What the secret is for."), dataColumn, ageColumn],
  cells: (secret, now) => [
    secret.metadata.name,
    secret.type ?? "Opaque",
    String(Object.keys(secret.data ?? {}).length),
    ageOf(secret, now),
  ],
};

export const serviceAccountColumns: TableColumns<ServiceAccount> = {
  definitions: [nameColumn, column("Secrets", "The number of secrets the account may use."), ageColumn],
  cells: (account, now) => [account.metadata.name, String((account.secrets ?? []).length), ageOf(account, now)],
};
