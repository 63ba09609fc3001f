import { type KubeObject, schemaOf } from "@tskube/api";
import {
  applyObject,
  type FieldManagementScope,
  type ObjectLike,
  setOfPaths,
  type TypeName,
  updateManagedFields,
} from "@tskube/apimachinery";

export interface ManagedWrite {
  readonly manager: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** The version that the client wrote in. */
  readonly apiVersion: string;
  readonly nowMs: number;
}

/** Records who set which fields of a kind's objects (`metadata.managedFields`). */
export interface FieldManagement {
  /** Records a create or update by other means than apply, in place. `old` is undefined on create. */
  recordUpdate(object: KubeObject, old: KubeObject | undefined, write: ManagedWrite): void;
  /** `applied` merged onto `old`, or as a new object when there is none; throws a conflict with other managers unless forced. */
  apply(
    applied: KubeObject,
    old: KubeObject | undefined,
    write: ManagedWrite & { readonly isForced: boolean },
  ): KubeObject;
}

const statusField = setOfPaths(["f:status"]);
/** What a write of the status does not set, as far as top-level fields go. */
const specFields = setOfPaths(["f:spec"], ["f:data"], ["f:metadata", "f:ownerReferences"]);

/** Field management of a built-in kind. */
export function builtInFieldManagement(typeName: TypeName, hasStatus: boolean): FieldManagement {
  const scopeOf = ({ apiVersion, subresource }: ManagedWrite): FieldManagementScope => {
    const resetFields =
      subresource === "status" ? specFields : hasStatus && subresource === "" ? statusField : undefined;
    return { schema: schemaOf, typeName, apiVersion, subresource, ...(resetFields && { resetFields }) };
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

/** Field management for writes in a version that is not the stored one: fields are known by the names that its clients use. */
export function fieldManagementIn(
  version: { readonly apiVersion: string; readonly toServed: (object: KubeObject) => KubeObject },
  fields: FieldManagement,
): FieldManagement {
  const { apiVersion, toServed } = version;
  return {
    recordUpdate(object, old, write) {
      const served = toServed(object);
      fields.recordUpdate(served, old && toServed(old), { ...write, apiVersion });
      object.metadata.managedFields = served.metadata.managedFields;
    },
    apply: (applied, old, write) => fields.apply(applied, old && toServed(old), write),
  };
}
