import type { KubeObject } from "@tskube/api";
import { formatGroupVersion } from "@tskube/apimachinery";
import { apiserverUser } from "../../../auth/user.ts";
import type { WriteScope } from "../../../registry/write-scope.ts";
import type { Catalog } from "../../../resources/catalog.ts";
import type { MergeApplied } from "./apply-configuration.ts";

/** Merges by the schemas of the resources in `catalog`. */
export function mergeAppliedIn(catalog: Catalog): MergeApplied {
  return ({ version, attributes }, object, applied) => {
    const resource = catalog.find(version);
    if (!resource) throw new Error(`no schema for ${formatGroupVersion(version)} ${version.resource}`);
    const { managedFields, ...metadata } = object.metadata;
    const live = { ...object, metadata } as KubeObject;
    const merged = resource.store.applyFields(applied, live, scope, attributes.subresource, true);
    if (managedFields) merged.metadata.managedFields = managedFields;
    else delete merged.metadata.managedFields;
    return merged;
  };
}

const scope: WriteScope = {
  namespace: "",
  user: apiserverUser,
  dryRun: true,
  fieldManager: "admission",
  options: {},
  signal: new AbortController().signal,
  warn: () => {},
  annotate: () => {},
};
