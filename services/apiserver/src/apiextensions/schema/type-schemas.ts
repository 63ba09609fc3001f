import { schemaOf } from "@tskube/api";
import type { FieldSchema, SchemaResolver, TypeName, TypeRef, TypeSchema } from "@tskube/apimachinery";
import {
  isEmbeddedResource,
  isIntOrString,
  itemsOf,
  keepsUnknown,
  objectFields,
  type Schema,
  valuesOf,
} from "./structure.ts";

/** A custom kind's schema in the form that server-side apply works with. */
export interface CustomTypes {
  readonly root: TypeName;
  readonly resolve: SchemaResolver;
}

const objectMeta: TypeRef = { is: "struct", name: "meta/v1.ObjectMeta" };
const text: TypeRef = { is: "scalar", scalar: "string" };
const typeMeta: readonly FieldSchema[] = [
  { name: "apiVersion", type: text },
  { name: "kind", type: text },
  { name: "metadata", type: objectMeta },
];

/** Converts a structural schema; `root` names the whole object's type and begins the names of all below it. */
export function customTypes(root: TypeName, schema: Schema): CustomTypes {
  const types = new Map<TypeName, TypeSchema>();
  addStruct(types, root, schema, true);
  return {
    root,
    resolve(name) {
      return types.get(name) ?? schemaOf(name);
    },
  };
}

function addStruct(types: Map<TypeName, TypeSchema>, name: TypeName, schema: Schema, isResource: boolean): TypeRef {
  const own = Object.entries(schema.properties ?? {}).filter(([field]) => !isResource || !objectFields.has(field));
  const fields = own.map(([field, child]) => fieldOf(types, `${name}.${field}`, field, child));
  types.set(name, {
    name,
    fields: isResource ? [...typeMeta, ...fields] : fields,
    ...(schema["x-kubernetes-map-type"] === "atomic" && { structType: "atomic" }),
    ...(keepsUnknown(schema) && { preserveUnknown: true }),
  });
  return { is: "struct", name };
}

function fieldOf(types: Map<TypeName, TypeSchema>, path: TypeName, name: string, schema: Schema): FieldSchema {
  const listType = schema["x-kubernetes-list-type"];
  const mapType = schema["x-kubernetes-map-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  return {
    name,
    type: typeOf(types, path, schema),
    ...(schema.default !== undefined && { default: schema.default }),
    ...((listType === "set" || listType === "map" || listType === "atomic") && { listType }),
    ...(keys && { listMapKeys: keys }),
    ...((mapType === "atomic" || mapType === "granular") && { mapType }),
  };
}

function typeOf(types: Map<TypeName, TypeSchema>, path: TypeName, schema: Schema): TypeRef {
  if (isIntOrString(schema)) return { is: "scalar", scalar: "IntOrString" };
  switch (schema.type) {
    case "string":
      return text;
    case "boolean":
      return { is: "scalar", scalar: "bool" };
    case "integer":
      return { is: "scalar", scalar: "int64" };
    case "number":
      return { is: "scalar", scalar: "float64" };
    case "array":
      return { is: "list", items: typeOf(types, `${path}[]`, itemsOf(schema) ?? {}) };
    default: {
      const values = valuesOf(schema);
      if (values && !schema.properties) return { is: "map", values: typeOf(types, `${path}{}`, values) };
      return addStruct(types, path, schema, isEmbeddedResource(schema));
    }
  }
}
