import {
  EvaluationError,
  ListValue,
  MapValue,
  type StructDeclaration,
  celType as t,
  type Value,
} from "../../../cel/index.ts";

/** The whole object that an ApplyConfiguration makes. */
export const objectType = t.structType("Object", {});
/** One operation of a patch. */
export const jsonPatchType = t.structType("JSONPatch", {
  op: t.STRING,
  path: t.STRING,
  from: t.STRING,
  value: t.DYN,
});

/** What an expression made by `Name{…}`. */
export class StructValue extends MapValue {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Value>;

  constructor(name: string, fields: ReadonlyMap<string, Value>) {
    super();
    this.name = name;
    this.fields = fields;
  }

  get size(): number {
    return this.fields.size;
  }

  get(key: Value): Value | undefined {
    return typeof key === "string" ? this.fields.get(key) : undefined;
  }

  keys(): Iterable<Value> {
    return this.fields.keys();
  }
}

/** `JSONPatch{…}`, `Object{…}`, and `Object.spec{…}` and its like, which may have any field: names tell where they belong. */
export function mutationStructs(name: string): StructDeclaration | undefined {
  if (name === "JSONPatch") return struct(jsonPatchType, name, (field) => patchFields[field]);
  if (name !== "Object" && !name.startsWith("Object.")) return undefined;
  return struct(name === "Object" ? objectType : t.structType(name, {}), name, () => t.DYN);
}

const patchFields: Readonly<Record<string, t.Type>> = { op: t.STRING, path: t.STRING, from: t.STRING, value: t.DYN };

function struct(type: t.Type, name: string, field: StructDeclaration["field"]): StructDeclaration {
  return { type, field, make: (fields) => new StructValue(name, fields) };
}

/** Throws when an object stands where its name does not say: `Object.spec` is for the field `spec` of `Object`. */
export function checkPlaces(value: Value, path: string): void {
  if (value instanceof StructValue) {
    if (value.name !== path) {
      throw new EvaluationError(
        `unexpected type name "${value.name}", expected "${path}", which matches field name path from root Object type`,
      );
    }
    for (const [name, field] of value.fields) checkPlaces(field, `${path}.${name}`);
  } else if (value instanceof ListValue) {
    for (const item of value) checkPlaces(item, path);
  } else if (value instanceof MapValue) {
    for (const key of value.keys()) checkPlaces(value.get(key) ?? null, `${path}.${String(key)}`);
  }
}
