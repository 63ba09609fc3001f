import type { TypeName, TypeRef } from "@tskube/apimachinery";
import { type ApiFieldSchema, schemaOf } from "../../schema/index.ts";
import { elementZero, isEmpty, type JsonObject, omitsEmpty, zeroOf } from "../go-shape.ts";
import { DecodeError } from "../json/errors.ts";
import { localName } from "../json/go-type.ts";
import { WireReader, wire } from "./reader.ts";
import { unionCodec } from "./unions.ts";
import { scalarCodec, tag, type ValueCodec } from "./values.ts";
import type { ReverseWriter } from "./writer.ts";

/** Only JSON schemas nest without limit; nobody means to nest them this deep. */
const maxDepth = 1000;

const nothing = Buffer.alloc(0);

interface FieldCodec {
  readonly number: number;
  /** Writes the field of `object` with its tags, or nothing. */
  readonly write: (writer: ReverseWriter, object: JsonObject) => void;
  /** Reads one occurrence; `sofar` is what earlier ones gave. */
  readonly read: (reader: WireReader, wireType: number, sofar: unknown) => unknown;
  /** Puts what was read, or its absence, into the object as Go would write it. */
  readonly settle: (object: JsonObject, value: unknown) => void;
}

export interface StructCodec extends ValueCodec {
  /** The fields alone, without a length. */
  writeFields(writer: ReverseWriter, object: JsonObject): void;
  readFields(reader: WireReader): JsonObject;
}

const structs = new Map<TypeName, StructCodec>();

/** The codec of a struct of the API, built on first use. */
export function structCodec(type: TypeName): StructCodec {
  const known = structs.get(type);
  if (known) return known;
  let compiled: CompiledStruct | undefined;
  const fields = () => {
    compiled ??= compile(type);
    return compiled;
  };
  const codec: StructCodec = {
    wireType: wire.bytes,
    writeFields: (writer, object) => {
      for (const field of fields().descending) field.write(writer, object);
    },
    write: (writer, value) => {
      const before = writer.size;
      codec.writeFields(writer, isObject(value) ? value : {});
      writer.varint(writer.size - before);
    },
    readFields: (reader) => readFields(fields(), reader),
    read: (reader) => readFields(fields(), reader.message()),
  };
  structs.set(type, codec);
  return codec;
}

interface CompiledStruct {
  readonly inOrder: readonly FieldCodec[];
  /** By number from the highest, for the writer goes backwards. */
  readonly descending: readonly FieldCodec[];
  /** Positions in `inOrder` by field number. */
  readonly positions: readonly (number | undefined)[];
}

function compile(type: TypeName): CompiledStruct {
  const inOrder = schemaOf(type).fields.flatMap((field) =>
    field.proto === undefined ? [] : [fieldCodec(field, field.proto)],
  );
  const positions: number[] = [];
  inOrder.forEach(({ number }, position) => {
    positions[number] = position;
  });
  return { inOrder, descending: [...inOrder].sort((a, b) => b.number - a.number), positions };
}

function readFields(struct: CompiledStruct, reader: WireReader): JsonObject {
  if (reader.depth > maxDepth) throw new DecodeError("proto: exceeded max depth");
  const values: unknown[] = new Array(struct.inOrder.length);
  while (!reader.isDone) {
    const fieldTag = reader.uint32();
    const position = struct.positions[fieldTag >>> 3];
    const field = position === undefined ? undefined : struct.inOrder[position];
    if (field === undefined || position === undefined) reader.skip(fieldTag & 7);
    else values[position] = field.read(reader, fieldTag & 7, values[position]);
  }
  const object: JsonObject = {};
  for (let i = 0; i < struct.inOrder.length; i++) struct.inOrder[i]?.settle(object, values[i]);
  return object;
}

function fieldCodec(field: ApiFieldSchema, number: number): FieldCodec {
  if (field.inline && field.type.is === "struct") return inlineField(number, structCodec(field.type.name));
  if (field.type.is === "map") return mapField(field, number, valueCodec(field.type.values, field.alias));
  if (field.type.is === "list" && !field.type.wrapped) {
    return listField(field, number, valueCodec(field.type.items, field.alias));
  }
  return singleField(field, number, valueCodec(field.type, field.alias));
}

function valueCodec(type: TypeRef, alias: string | undefined): ValueCodec {
  switch (type.is) {
    case "struct":
      return structCodec(type.name);
    case "scalar":
      return type.scalar === "JSON" && alias ? unionCodec(localName(alias), structCodec) : scalarCodec(type.scalar);
    case "list":
      return wrappedListCodec(valueCodec(type.items, alias));
    case "map":
      throw new Error("protobuf has no list or map of maps");
  }
}

function inlineField(number: number, codec: StructCodec): FieldCodec {
  const fieldTag = tag(number, wire.bytes);
  return {
    number,
    write: (writer, object) => {
      codec.write(writer, object);
      writer.varint(fieldTag);
    },
    read: (reader) => codec.read(reader),
    settle: (object, value) => {
      Object.assign(object, value ?? codec.readFields(new WireReader(nothing)));
    },
  };
}

function singleField(field: ApiFieldSchema, number: number, codec: ValueCodec): FieldCodec {
  const { name, type } = field;
  const fieldTag = tag(number, codec.wireType);
  // Slices and bytes are nil or not, whatever the field's tag says of pointers.
  const isOptional = field.pointer === true || type.is === "list" || (type.is === "scalar" && type.scalar === "bytes");
  return {
    number,
    write: (writer, object) => {
      const value = object[name] ?? undefined;
      if (value === undefined && isOptional) return;
      codec.write(writer, value);
      writer.varint(fieldTag);
    },
    read: (reader, wireType) => {
      expectWireType(codec.wireType, wireType, name);
      return codec.read(reader);
    },
    settle: settler(field),
  };
}

function listField(field: ApiFieldSchema, number: number, codec: ValueCodec): FieldCodec {
  const { name } = field;
  const fieldTag = tag(number, codec.wireType);
  return {
    number,
    write: (writer, object) => {
      const items = object[name];
      if (!Array.isArray(items)) return;
      for (let i = items.length - 1; i >= 0; i--) {
        codec.write(writer, items[i] ?? undefined);
        writer.varint(fieldTag);
      }
    },
    read: (reader, wireType, sofar) => {
      const items = (sofar as unknown[] | undefined) ?? [];
      if (wireType === codec.wireType) items.push(codec.read(reader));
      else readPacked(reader, wireType, codec, name, items);
      return items;
    },
    settle: settler(field),
  };
}

/** Numbers may come packed into one run of bytes; we never write them so. */
function readPacked(reader: WireReader, wireType: number, codec: ValueCodec, name: string, items: unknown[]): void {
  expectWireType(wire.bytes, wireType, name);
  for (const packed = reader.message(); !packed.isDone; ) items.push(codec.read(packed));
}

function mapField(field: ApiFieldSchema, number: number, codec: ValueCodec): FieldCodec {
  const { name } = field;
  const values = field.type.is === "map" ? field.type.values : field.type;
  const fieldTag = tag(number, wire.bytes);
  const valueTag = tag(2, codec.wireType);
  const settle = settler(field);
  return {
    number,
    write: (writer, object) => {
      const map = object[name];
      if (!isObject(map)) return;
      // Sorted as Go does, so that equal objects have equal bytes.
      const keys = Object.keys(map).sort(compareBytes);
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] ?? "";
        const before = writer.size;
        codec.write(writer, map[key] ?? undefined);
        writer.varint(valueTag);
        writer.string(key);
        writer.varint(tag(1, wire.bytes));
        writer.varint(writer.size - before);
        writer.varint(fieldTag);
      }
    },
    read: (reader, wireType, sofar) => {
      expectWireType(wire.bytes, wireType, name);
      const entries = (sofar as [string, unknown][] | undefined) ?? [];
      entries.push(readEntry(reader.message(), codec, values));
      return entries;
    },
    settle: (object, entries) => settle(object, entries && Object.fromEntries(entries as [string, unknown][])),
  };
}

function readEntry(entry: WireReader, codec: ValueCodec, type: TypeRef): [string, unknown] {
  let key = "";
  let value: unknown;
  while (!entry.isDone) {
    const entryTag = entry.uint32();
    if (entryTag === tag(1, wire.bytes)) key = entry.string();
    else if (entryTag === tag(2, codec.wireType)) value = codec.read(entry);
    else entry.skip(entryTag & 7);
  }
  return [key, value === undefined ? elementZero(type) : value];
}

/** A list that is a message of its own, with the items as field 1. */
function wrappedListCodec(items: ValueCodec): ValueCodec {
  const itemTag = tag(1, items.wireType);
  return {
    wireType: wire.bytes,
    write: (writer, value) => {
      const before = writer.size;
      for (const item of Array.isArray(value) ? [...value].reverse() : []) {
        items.write(writer, item);
        writer.varint(itemTag);
      }
      writer.varint(writer.size - before);
    },
    read: (reader) => {
      const list: unknown[] = [];
      for (const message = reader.message(); !message.isDone; ) {
        const fieldTag = message.uint32();
        if (fieldTag === itemTag) list.push(items.read(message));
        else message.skip(fieldTag & 7);
      }
      return list;
    },
  };
}

function settler(field: ApiFieldSchema): FieldCodec["settle"] {
  const { name } = field;
  const omits = omitsEmpty(field);
  const zero = zeroOf(field);
  return (object, value) => {
    if (value === undefined) {
      if (zero) object[name] = zero();
    } else if (!(omits && isEmpty(value))) {
      object[name] = value;
    }
  };
}

function expectWireType(wanted: number, found: number, name: string): void {
  if (found !== wanted) throw new DecodeError(`proto: wrong wireType = ${found} for field ${name}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Order by UTF-8 bytes, which for text without surrogates is that of code units. */
function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
