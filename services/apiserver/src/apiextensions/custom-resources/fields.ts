import type { KubeObject } from "@tskube/api";
import {
  applyObject,
  type FieldManagementScope,
  type ObjectLike,
  setOfPaths,
  updateManagedFields,
} from "@tskube/apimachinery";
import type { FieldManagement, ManagedWrite } from "../../registry/field-management.ts";
import type { CustomVersion } from "./version.ts";

const statusField = setOfPaths(["f:status"]);
const specFields = setOfPaths(["f:spec"], ["f:metadata", "f:ownerReferences"]);

/** Field management of a version of a custom resource. Managers of other versions are compared by field names alone. */
export function customFieldManagement(
  custom: CustomVersion,
  versions: ReadonlyMap<string, CustomVersion>,
): FieldManagement {
  const scopeOf = ({ apiVersion, subresource }: ManagedWrite): FieldManagementScope => {
    const resetFields =
      subresource === "status" ? specFields : custom.hasStatus && subresource === "" ? statusField : undefined;
    return {
      schema: custom.resolve,
      typeName: custom.typeName,
      apiVersion,
      subresource,
      ...(resetFields && { resetFields }),
      convert(object, target) {
        const version = versions.get(target);
        if (!version) return target === "autoscaling/v1" ? { typeName: custom.typeName, object } : undefined;
        return { typeName: custom.typeName, object };
      },
    };
  };
  return {
    recordUpdate(object, old, write) {
      const entries = updateManagedFields(scopeOf(write), old as ObjectLike | undefined, object as ObjectLike, write);
      if (entries) object.metadata.managedFields = [...entries] as NonNullable<KubeObject["metadata"]["managedFields"]>;
      else delete object.metadata.managedFields;
    },
    apply(applied, old, { isForced, ...write }) {
      const applier = { ...write, force: isForced };
      return applyObject(scopeOf(write), old as ObjectLike | undefined, applied as ObjectLike, applier) as KubeObject;
    },
  };
}
