import { type KubeObject, typeNameOf } from "@tskube/api";
import { formatGroupVersion, parseGroupVersion } from "@tskube/apimachinery";
import { apiserverUser } from "../../../auth/user.ts";
import { builtInFieldManagement } from "../../../registry/field-management.ts";
import type { WriteScope } from "../../../registry/write-scope.ts";
import type { Catalog } from "../../../resources/catalog.ts";
import type { MergeApplied } from "./apply-configuration.ts";

const fieldManager = "admission";

/** Merges by the schemas of the resources in `catalog`, and of the kinds that subresources have. */
export function mergeAppliedIn(catalog: Catalog): MergeApplied {
  return (write, object, applied) => {
    const { managedFields, ...metadata } = object.metadata;
    const live = { ...object, metadata } as KubeObject;
    const merged = write.version.isSubresourceKind
      ? mergeOfKind(live, applied)
      : mergeOfResource(catalog, write, live, applied);
    if (managedFields) merged.metadata.managedFields = managedFields;
    else delete merged.metadata.managedFields;
    return merged;
  };
}

function mergeOfResource(
  catalog: Catalog,
  { version, attributes }: Parameters<MergeApplied>[0],
  live: KubeObject,
  applied: KubeObject,
): KubeObject {
  const resource = catalog.find(version);
  if (!resource) throw new Error(`no schema for ${formatGroupVersion(version)} ${version.resource}`);
  return resource.store.applyFields(applied, live, scope, attributes.subresource, true);
}

function mergeOfKind(live: KubeObject, applied: KubeObject): KubeObject {
  const { apiVersion, kind } = live;
  const typeName = typeNameOf({ ...parseGroupVersion(apiVersion), kind });
  if (!typeName) throw new Error(`no schema for ${apiVersion} ${kind}`);
  const writer = { manager: fieldManager, subresource: "", apiVersion, nowMs: 0, isForced: true };
  return builtInFieldManagement(typeName, false).apply(applied, live, writer);
}

const scope: WriteScope = {
  namespace: "",
  user: apiserverUser,
  dryRun: true,
  fieldManager,
  options: {},
  signal: new AbortController().signal,
  warn: () => {},
  annotate: () => {},
};
