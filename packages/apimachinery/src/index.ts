export { isJsonObject, isList, type JsonObject, ownField } from "./json.ts";
export * from "./managed-fields/index.ts";
export * from "./meta/conditions.ts";
export * from "./meta/group-version.ts";
export * from "./meta/object-meta.ts";
export * from "./meta/owners.ts";
export * from "./meta/resource-version.ts";
export * from "./negotiation/index.ts";
export * from "./patch/index.ts";
export type {
  FieldSchema,
  ScalarName,
  SchemaResolver,
  TypeName,
  TypeRef,
  TypeSchema,
} from "./schema.ts";
export * from "./selectors/index.ts";
export * from "./status/index.ts";
export { goQuote } from "./text/go-quote.ts";
/** Field errors share words with Status errors (`invalid`, `forbidden`, `notFound`), so they stand under a name: `field.required(path)`. */
export * as field from "./validation/field-error.ts";
export * from "./validation/index.ts";
export * from "./values/deep.ts";
export * from "./values/hash.ts";
export * from "./values/int-or-string.ts";
export * from "./values/quantity.ts";
export * from "./values/time.ts";
