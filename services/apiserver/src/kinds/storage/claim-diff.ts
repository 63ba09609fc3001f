import type { PersistentVolumeClaim } from "@tskube/api";
import { unifiedDiff } from "../unified-diff.ts";

type Spec = Partial<NonNullable<PersistentVolumeClaim["spec"]>>;

/** How two specs differ, as upstream shows it: its own form of them as JSON, with a few lines around what changed. */
export function claimSpecDiff(before: Spec, after: Spec): string {
  return unifiedDiff(textOf(before), textOf(after));
}

function textOf(spec: Spec): string {
  return JSON.stringify(internalForm(spec), undefined, 1);
}

/** All fields in the order and by the names of upstream's own type, absent ones as null. */
function internalForm(spec: Spec): object {
  const { accessModes, selector, resources, dataSource, dataSourceRef } = spec;
  return {
    AccessModes: accessModes ?? null,
    Selector: selector ?? null,
    Resources: { Limits: resources?.limits ?? null, Requests: resources?.requests ?? null },
    VolumeName: spec.volumeName ?? "",
    StorageClassName: spec.storageClassName ?? null,
    VolumeMode: spec.volumeMode ?? null,
    DataSource: dataSource
      ? { APIGroup: dataSource.apiGroup ?? null, Kind: dataSource.kind, Name: dataSource.name }
      : null,
    DataSourceRef: dataSourceRef
      ? {
          APIGroup: dataSourceRef.apiGroup ?? null,
          Kind: dataSourceRef.kind,
          Name: dataSourceRef.name,
          Namespace: dataSourceRef.namespace ?? null,
        }
      : null,
    VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  };
}
