import type { ConfigMap, Namespace, ResourceQuota, Secret, ServiceAccount } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn } from "../cells.ts";
import { ownValue } from "../own-value.ts";

const dataColumn = column("Data", "The number of entries.");

export const namespaceColumns: TableColumns<Namespace> = {
  definitions: [nameColumn, column("Status", "The status of the namespace"), ageColumn],
  cells: (namespace) => [namespace.metadata.name, namespace.status?.phase ?? "", ageOf(namespace)],
};

export const configMapColumns: TableColumns<ConfigMap> = {
  definitions: [nameColumn, dataColumn, ageColumn],
  cells: (map) => [
    map.metadata.name,
    String(Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length),
    ageOf(map),
  ],
};

export const secretColumns: TableColumns<Secret> = {
  definitions: [nameColumn, column("Type", "What the secret is for."), dataColumn, ageColumn],
  cells: (secret) => [
    secret.metadata.name,
    secret.type ?? "Opaque",
    String(Object.keys(secret.data ?? {}).length),
    ageOf(secret),
  ],
};

export const serviceAccountColumns: TableColumns<ServiceAccount> = {
  definitions: [nameColumn, column("Secrets", "The number of secrets the account may use."), ageColumn],
  cells: (account) => [account.metadata.name, String((account.secrets ?? []).length), ageOf(account)],
};

export const quotaColumns: TableColumns<ResourceQuota> = {
  definitions: [
    nameColumn,
    column("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
    column("Limit", "Limits control the maximum amount of cpu/memory that a container may use."),
    ageColumn,
  ],
  cells: (quota) => {
    const names = Object.keys(quota.status?.hard ?? {}).sort();
    const isLimit = (name: string) => name.startsWith("limits.");
    const text = (some: readonly string[]) => some.map((name) => useText(quota, name)).join(", ");
    return [
      quota.metadata.name,
      text(names.filter((name) => !isLimit(name))),
      text(names.filter(isLimit)),
      ageOf(quota),
    ];
  },
};

function useText({ status }: ResourceQuota, name: string): string {
  return `${name}: ${ownValue(status?.used, name) ?? "0"}/${status?.hard?.[name] ?? "0"}`;
}
