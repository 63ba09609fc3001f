import { schemaOf } from "@tskube/api";
import type { ScalarName, TypeName, TypeRef } from "@tskube/apimachinery";
import protobuf from "protobufjs";

/** The messages that Go writes by hand, by the scalar of the schema that they stand for. */
const handWritten: Partial<Record<ScalarName, Readonly<Record<string, readonly [number, string]>>>> = {
  Time: { seconds: [1, "int64"], nanos: [2, "int32"] },
  MicroTime: { seconds: [1, "int64"], nanos: [2, "int32"] },
  Duration: { duration: [1, "int64"] },
  Quantity: { string: [1, "string"] },
  IntOrString: { type: [1, "int64"], intVal: [2, "int32"], strVal: [3, "string"] },
  RawExtension: { raw: [1, "bytes"] },
  FieldsV1: { raw: [1, "bytes"] },
  JSON: { raw: [1, "bytes"] },
};
const plain: Partial<Record<ScalarName, string>> = {
  string: "string",
  bool: "bool",
  int32: "int32",
  int64: "int64",
  float64: "double",
  bytes: "bytes",
};

const root = new protobuf.Root();

/** Descriptions of the API's messages for protobufjs, made of the schema's field numbers as `protoc` would make them of upstream's files. */
export function messageOf(name: TypeName): protobuf.Type {
  const id = idOf(name);
  const known = root.get(id);
  if (known instanceof protobuf.Type) return known;
  const type = new protobuf.Type(id);
  root.add(type);
  for (const field of schemaOf(name).fields) {
    if (field.proto === undefined) continue;
    addField(type, fieldKey(field.proto), field.proto, field.type);
  }
  return type;
}

/** The wire knows numbers only, and protobufjs does not take every name. */
export const fieldKey = (number: number): string => `f${number}`;

function addField(type: protobuf.Type, name: string, number: number, ref: TypeRef): void {
  if (ref.is === "map") type.add(new protobuf.MapField(name, number, "string", wireTypeOf(ref.values)));
  else if (ref.is === "list" && !ref.wrapped) {
    const unpacked = { packed: false };
    type.add(new protobuf.Field(name, number, wireTypeOf(ref.items), "repeated", undefined, unpacked));
  } else type.add(new protobuf.Field(name, number, wireTypeOf(ref)));
}

function wireTypeOf(ref: TypeRef): string {
  if (ref.is === "struct") return messageOf(ref.name).name;
  if (ref.is === "list") return listMessage(ref.items);
  if (ref.is !== "scalar") throw new Error("a map of maps has no message");
  return plain[ref.scalar] ?? handWrittenMessage(ref.scalar);
}

/** Some lists are messages of their own. */
function listMessage(items: TypeRef): string {
  const item = wireTypeOf(items);
  const id = `List_${item}`;
  if (!root.get(id)) root.add(new protobuf.Type(id).add(new protobuf.Field("items", 1, item, "repeated")));
  return id;
}

function handWrittenMessage(scalar: ScalarName): string {
  if (root.get(scalar)) return scalar;
  const type = new protobuf.Type(scalar);
  root.add(type);
  for (const [name, [number, wireType]] of Object.entries(handWritten[scalar] ?? {})) {
    type.add(new protobuf.Field(name, number, wireType));
  }
  return scalar;
}

/** protobufjs makes code of names. */
const idOf = (name: TypeName): string => name.replaceAll(/[^A-Za-z0-9]/g, "_");
