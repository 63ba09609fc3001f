/**
 * How values of the API are shaped. One description serves decoding, defaulting, strategic merge, server-side apply, protobuf and
 * OpenAPI. The built-in kinds' descriptions come from `@tskube/api`; a CustomResourceDefinition's schema is converted to the same form.
 */

/** Scalars as they stand in JSON. `bytes` is base64 text, `Quantity`, `Time`, `MicroTime` and `Duration` are text, `JSON` is any value. */
export type ScalarName =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "float64"
  | "bytes"
  | "Time"
  | "MicroTime"
  | "Duration"
  | "Quantity"
  | "IntOrString"
  | "RawExtension"
  | "FieldsV1"
  | "JSON";

/** A type's global name: `core/v1.PodSpec`, `meta/v1.ObjectMeta`, `apps/v1.Deployment`. */
export type TypeName = string;

export type TypeRef =
  | { readonly is: "scalar"; readonly scalar: ScalarName }
  | { readonly is: "struct"; readonly name: TypeName }
  /** `wrapped`: protobuf makes the list a message of its own with the items as field 1 (`Verbs`, `ExtraValue`). */
  | { readonly is: "list"; readonly items: TypeRef; readonly wrapped?: boolean }
  | { readonly is: "map"; readonly values: TypeRef };

export interface FieldSchema {
  /** The JSON name; for an inlined field the name that protobuf gives it, or empty when protobuf flattens it too. */
  readonly name: string;
  readonly type: TypeRef;
  /** The protobuf field number; absent where the field has no protobuf form. */
  readonly proto?: number;
  /** The struct's fields stand in the enclosing JSON object. */
  readonly inline?: boolean;
  /** Go encodes it as a pointer: absence differs from the zero value. */
  readonly pointer?: boolean;
  /** Left out of JSON when it has its zero value. A field without it is always written. */
  readonly omitEmpty?: boolean;
  /** OpenAPI lists it under `required`. */
  readonly required?: boolean;
  readonly default?: unknown;
  readonly patchStrategy?: readonly ("merge" | "replace" | "retainKeys")[];
  readonly patchMergeKey?: string;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic" | "granular";
  readonly structType?: "atomic" | "granular";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

export interface TypeSchema {
  readonly name: TypeName;
  readonly fields: readonly FieldSchema[];
  readonly structType?: "atomic" | "granular";
  /** Unknown fields are kept and merged as a granular map (`x-kubernetes-preserve-unknown-fields`). */
  readonly preserveUnknown?: boolean;
}

/** Finds a type's description; throws on a name that does not exist, for that is a broken schema. */
export type SchemaResolver = (name: TypeName) => TypeSchema;
