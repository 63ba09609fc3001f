import type { TypeName, TypeRef } from "@tskube/apimachinery";
import { type ApiFieldSchema, type ApiTypeSchema, schemaOf } from "../../schema/index.ts";
import { allFields, elementZero, isEmpty, type JsonObject, omitsEmpty, zeroOf } from "../go-shape.ts";
import type { DecodeContext } from "./context.ts";
import { DecodeError } from "./errors.ts";
import { goTypeOf, localName } from "./go-type.ts";
import { type Reader, scalarReader } from "./scalars.ts";
import { unionReader } from "./unions.ts";

interface FieldReader {
  readonly name: string;
  readonly read: Reader;
  /** Makes what Go writes for a field that nobody set; absent where it writes nothing. */
  readonly zero?: () => unknown;
  readonly omitsEmpty: boolean;
}

interface StructReader {
  readonly goType: string;
  readonly localName: string;
  readonly fields: readonly FieldReader[];
  readonly names: ReadonlySet<string>;
}

/** Only JSON schemas nest without limit; nobody means to nest them this deep. */
const maxDepth = 1000;

const structs = new Map<TypeName, StructReader>();

/**
 * Reads a JSON value as a type of the API and returns a new object as Go would write it: fields in the schema's order, unknown ones left
 * out, scalars in canonical form, empty optional ones gone, and structs that are no pointers present even when empty.
 */
export function readStruct(type: TypeName, value: unknown, context: DecodeContext): JsonObject {
  const struct = structs.get(type) ?? compile(schemaOf(type));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw context.mismatch(value, struct.goType);
  if (context.path.length > maxDepth) throw new DecodeError("json: exceeded max depth");
  const source = value as JsonObject;
  if (context.reportsUnknown) reportUnknown(struct, source, context);
  return readFields(struct, source, context);
}

function reportUnknown(struct: StructReader, source: JsonObject, context: DecodeContext): void {
  for (const name of Object.keys(source)) if (!struct.names.has(name)) context.unknownField(name);
}

function readFields(struct: StructReader, source: JsonObject, context: DecodeContext): JsonObject {
  const outer = context.struct;
  const result: JsonObject = {};
  for (const field of struct.fields) {
    const value = source[field.name];
    if (value === undefined || value === null) {
      if (field.zero && !context.isSparse) result[field.name] = field.zero();
      continue;
    }
    context.struct = struct.localName;
    context.path.push(field.name);
    const read = field.read(value, context);
    context.path.pop();
    const isOmitted = field.omitsEmpty && !context.isSparse && isEmpty(read);
    if (!isOmitted && read !== undefined) result[field.name] = read;
  }
  context.struct = outer;
  return result;
}

function compile(schema: ApiTypeSchema): StructReader {
  const fields: FieldReader[] = [];
  const struct: StructReader = {
    goType: goTypeOf({ is: "struct", name: schema.name }),
    localName: localName(schema.name),
    fields,
    names: new Set(allFields(schema).map(({ name }) => name)),
  };
  // Before the fields are compiled, for types may contain themselves.
  structs.set(schema.name, struct);
  for (const field of allFields(schema)) fields.push(compileField(field));
  return struct;
}

function compileField(field: ApiFieldSchema): FieldReader {
  const { name, type, alias } = field;
  const zero = zeroOf(field);
  return {
    name,
    read: readerOf(type, alias),
    ...(zero ? { zero } : {}),
    omitsEmpty: omitsEmpty(field),
  };
}

function readerOf(type: TypeRef, alias: string | undefined): Reader {
  switch (type.is) {
    case "scalar":
      if (type.scalar === "JSON" && alias) return unionReader(localName(alias), readStruct);
      return scalarReader(type.scalar, goTypeOf(type, alias));
    case "struct":
      return (value, context) => readStruct(type.name, value, context);
    case "list":
      return listReader(type, alias);
    case "map":
      return mapReader(type, alias);
  }
}

function listReader(type: TypeRef & { is: "list" }, alias: string | undefined): Reader {
  const readItem = readerOf(type.items, alias);
  const goType = goTypeOf(type, alias);
  return (value, context) => {
    if (!Array.isArray(value)) throw context.mismatch(value, goType);
    return value.map((item: unknown, index) => {
      if (item === null) return elementZero(type.items);
      context.path.push(index);
      const read = readItem(item, context);
      context.path.pop();
      return read;
    });
  };
}

function mapReader(type: TypeRef & { is: "map" }, alias: string | undefined): Reader {
  const readValue = readerOf(type.values, alias);
  const goType = goTypeOf(type, alias);
  return (value, context) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw context.mismatch(value, goType);
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
      if (item === null) return [key, elementZero(type.values)];
      context.path.push([key]);
      const read = readValue(item, context);
      context.path.pop();
      return [key, read];
    });
    // Unlike assignment, this makes even `__proto__` an ordinary key.
    return Object.fromEntries(entries);
  };
}
