export * from "./meta/group-version.ts";
export type {
  FieldSchema,
  ScalarName,
  SchemaResolver,
  TypeName,
  TypeRef,
  TypeSchema,
} from "./schema.ts";
export * from "./status/index.ts";
export { goQuote } from "./text/go-quote.ts";
export type { FieldError, FieldErrorType } from "./validation/field-error.ts";
/** Field errors share words with Status errors (`invalid`, `forbidden`, `notFound`), so they stand under a name: `field.required(path)`. */
export * as field from "./validation/field-error.ts";
export { Path } from "./validation/path.ts";
