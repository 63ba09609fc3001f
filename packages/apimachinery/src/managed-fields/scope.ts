import type { SchemaResolver, TypeName } from "../schema.ts";
import type { FieldSet } from "./field-set.ts";
import { setOfPaths } from "./field-set.ts";

/** What is being written, for those who keep the books of field ownership. */
export interface FieldManagementScope {
  readonly schema: SchemaResolver;
  /** The type of the objects passed, in the version of the request. */
  readonly typeName: TypeName;
  /** The version of the request, `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource?: string;
  /** Fields that this endpoint never sets (`status` on the main resource): nobody comes to own them through it. */
  readonly resetFields?: FieldSet;
  /**
   * Brings an object, which says its own version, into another one in which a manager set fields; undefined if that version is not served any more,
   * whereupon the manager is dropped. Without it objects are taken to look the same in all versions.
   */
  convert?(object: unknown, apiVersion: string): VersionedObject | undefined;
}

export interface VersionedObject {
  readonly typeName: TypeName;
  readonly object: unknown;
}

/** Fields that belong to the system or identify the object; nobody owns them. */
export const unownedFields: FieldSet = setOfPaths(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((name) => ["f:metadata", `f:${name}`]),
);
