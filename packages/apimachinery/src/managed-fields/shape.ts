import { isJsonObject, isList, ownField } from "../json.ts";
import type { FieldSchema, SchemaResolver, TypeName, TypeRef, TypeSchema } from "../schema.ts";
import { fieldsByName } from "../schema-fields.ts";
import { canonicalJson } from "../values/deep.ts";

/**
 * How a value is owned: as a whole (`leaf`), field by field (`object`), or item by item (`list`). Made from the schema once
 * per field and kept.
 */
export type Shape = LeafShape | ObjectShape | ListShape | DeducedShape;

export interface LeafShape {
  readonly kind: "leaf";
}

export interface ObjectShape {
  readonly kind: "object";
  /** The shape of what stands under `name`; undefined if the schema knows no such field. */
  child(name: string): Shape | undefined;
  /** True for fields of a struct, false for the free keys of a map. */
  isNamed(name: string): boolean;
  /** The empty value of a container that is written even when nothing is in it, as Go does with structs; else undefined. */
  zero(name: string): unknown;
}

export interface ListShape {
  readonly kind: "list";
  readonly items: Shape;
  /** Names of the fields that identify an item; empty for a set, whose items are their own identity. */
  readonly keys: readonly string[];
  /** The path element of an item; undefined if the item lacks what identifies it. */
  element(item: unknown): string | undefined;
}

/** Without a schema the value decides: objects are merged field by field, all else is owned as a whole. */
export interface DeducedShape {
  readonly kind: "deduced";
}

const leaf: Shape = { kind: "leaf" };
const deduced: Shape = { kind: "deduced" };
const deducedObject: ObjectShape = {
  kind: "object",
  child: () => deduced,
  isNamed: () => false,
  zero: () => undefined,
};

/** The shape that counts for these values, of which either may be absent: untyped values get theirs from what they are. */
export function resolveShape(shape: Shape, ...values: readonly unknown[]): LeafShape | ObjectShape | ListShape {
  const present = values.filter((value) => value !== undefined && value !== null);
  const isObject = present.length > 0 && present.every(isJsonObject);
  if (shape.kind === "deduced") return isObject ? deducedObject : (leaf as LeafShape);
  if (shape.kind === "leaf" || present.length === 0) return shape;
  // A value of the wrong type is owned as a whole rather than looked into.
  const fits = shape.kind === "list" ? present.every(isList) : isObject;
  return fits ? shape : (leaf as LeafShape);
}

const ofTypes = new WeakMap<TypeSchema, ObjectShape>();
const ofFields = new WeakMap<FieldSchema, Shape>();

/** The shape of a whole object. apiVersion and kind stand in every object, whether or not the schema lists them. */
export function shapeOfObject(resolve: SchemaResolver, typeName: TypeName): ObjectShape {
  return structShape(resolve, resolve(typeName));
}

function structShape(resolve: SchemaResolver, type: TypeSchema): ObjectShape {
  const known = ofTypes.get(type);
  if (known) return known;
  const fields = fieldsByName(resolve, type);
  const shape: ObjectShape = {
    kind: "object",
    child(name) {
      const field = fields.get(name);
      if (field) return shapeOfField(resolve, field);
      if (type.preserveUnknown) return deduced;
      return name === "apiVersion" || name === "kind" ? leaf : undefined;
    },
    isNamed: (name) => fields.has(name),
    zero: (name) => zeroContainer(fields.get(name)),
  };
  ofTypes.set(type, shape);
  return shape;
}

const emptyObject = Object.freeze({});
const emptyList: readonly unknown[] = Object.freeze([]);

/** Only built-in types, which have protobuf numbers, are written by Go structs; custom resources hold what they hold. */
function zeroContainer(field: FieldSchema | undefined): unknown {
  if (!field || field.proto === undefined || field.pointer) return undefined;
  if (field.type.is === "struct") return emptyObject;
  if (field.omitEmpty || field.type.is === "scalar") return undefined;
  return field.type.is === "list" ? emptyList : emptyObject;
}

function shapeOfField(resolve: SchemaResolver, field: FieldSchema): Shape {
  const known = ofFields.get(field);
  if (known) return known;
  const shape = shapeOfType(resolve, field.type, field);
  ofFields.set(field, shape);
  return shape;
}

function shapeOfType(resolve: SchemaResolver, type: TypeRef, field?: FieldSchema): Shape {
  switch (type.is) {
    case "scalar":
      return leaf;
    case "struct": {
      const struct = resolve(type.name);
      return (field?.structType ?? struct.structType) === "atomic" ? leaf : structShape(resolve, struct);
    }
    case "map":
      return field?.mapType === "atomic" ? leaf : mapShape(shapeOfType(resolve, type.values));
    case "list":
      return listShape(resolve, type.items, field);
  }
}

function mapShape(values: Shape): Shape {
  return { kind: "object", child: () => values, isNamed: () => false, zero: () => undefined };
}

function listShape(resolve: SchemaResolver, items: TypeRef, field: FieldSchema | undefined): Shape {
  if (field?.listType === "set") {
    return { kind: "list", items: leaf, keys: [], element: (item) => `v:${canonicalJson(item)}` };
  }
  if (field?.listType !== "map" || !field.listMapKeys || items.is !== "struct") return leaf;
  const keys = keyRules(resolve, items.name, field.listMapKeys);
  return {
    kind: "list",
    items: structShape(resolve, resolve(items.name)),
    keys: field.listMapKeys,
    element: (item) => keyElement(item, keys),
  };
}

interface KeyRule {
  readonly name: string;
  readonly defaultValue: unknown;
}

/** Sorted, since that is the order in a path element. */
function keyRules(resolve: SchemaResolver, itemType: TypeName, names: readonly string[]): KeyRule[] {
  const fields = fieldsByName(resolve, resolve(itemType));
  return names.toSorted().map((name) => ({ name, defaultValue: fields.get(name)?.default }));
}

function keyElement(item: unknown, keys: readonly KeyRule[]): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const parts: string[] = [];
  for (const { name, defaultValue } of keys) {
    const value = ownField(item, name) ?? defaultValue;
    if (value !== undefined && value !== null) parts.push(`${JSON.stringify(name)}:${canonicalJson(value)}`);
  }
  return parts.length === 0 ? undefined : `k:{${parts.join(",")}}`;
}
