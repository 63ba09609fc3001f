import { schemaOf } from "@tskube/api";
import type { FieldSchema, ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import { type Field, type Type, celType as t } from "../../../cel/index.ts";

const known = new Map<TypeName, Type>();

/** A built-in type of the API as expressions see it. */
export function builtInType(name: TypeName): Type {
  const found = known.get(name);
  if (found) return found;
  const type = t.objectType(name, () => new Map(fieldsOf(name)));
  known.set(name, type);
  return type;
}

function fieldsOf(name: TypeName): readonly (readonly [string, Field])[] {
  return schemaOf(name).fields.flatMap((field) =>
    field.inline && field.type.is === "struct" ? fieldsOf(field.type.name) : [[field.name, fieldOf(field)] as const],
  );
}

function fieldOf({ name, type }: FieldSchema): Field {
  return { json: name, type: typeOf(type) };
}

function typeOf(ref: TypeRef): Type {
  switch (ref.is) {
    case "scalar":
      return scalars[ref.scalar];
    case "struct":
      return builtInType(ref.name);
    case "list":
      return t.listOf(typeOf(ref.items));
    case "map":
      return t.mapOf(t.STRING, typeOf(ref.values));
  }
}

const scalars: Readonly<Record<ScalarName, Type>> = {
  string: t.STRING,
  bool: t.BOOL,
  int32: t.INT,
  int64: t.INT,
  float64: t.DOUBLE,
  bytes: t.BYTES,
  Time: t.TIMESTAMP,
  MicroTime: t.TIMESTAMP,
  Duration: t.STRING,
  Quantity: t.DYN,
  IntOrString: t.DYN,
  RawExtension: t.DYN,
  FieldsV1: t.DYN,
  JSON: t.DYN,
};
