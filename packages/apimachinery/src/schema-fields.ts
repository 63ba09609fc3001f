import type { FieldSchema, SchemaResolver, TypeRef, TypeSchema } from "./schema.ts";

/** By type alone: a description belongs to one resolver for as long as it lives. */
const known = new WeakMap<TypeSchema, ReadonlyMap<string, FieldSchema>>();

/** A struct's fields by JSON name, those of inlined structs included; made once per type. */
export function fieldsByName(resolve: SchemaResolver, type: TypeSchema): ReadonlyMap<string, FieldSchema> {
  const found = known.get(type);
  if (found) return found;
  const fields = new Map(flatten(resolve, type));
  known.set(type, fields);
  return fields;
}

function flatten(resolve: SchemaResolver, type: TypeSchema): [string, FieldSchema][] {
  return type.fields.flatMap((field): [string, FieldSchema][] =>
    field.inline && field.type.is === "struct" ? flatten(resolve, resolve(field.type.name)) : [[field.name, field]],
  );
}

/** What stands under `name` in a value of type `type`: its type, and its field description if it is a struct's field. */
export function childOf(
  resolve: SchemaResolver,
  type: TypeRef | undefined,
  name: string,
): { readonly type: TypeRef | undefined; readonly field: FieldSchema | undefined } {
  if (type?.is === "map") return { type: type.values, field: undefined };
  if (type?.is !== "struct") return { type: undefined, field: undefined };
  const field = fieldsByName(resolve, resolve(type.name)).get(name);
  return { type: field?.type, field };
}
