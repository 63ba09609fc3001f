import { type GroupVersionKind, parseGroupVersion, type TypeName } from "@tskube/apimachinery";
import { schemaOf, typeNameOf } from "../../schema/index.ts";
import type { JsonObject } from "../go-shape.ts";
import { decodeObject } from "../json/decode.ts";
import { DecodeError } from "../json/errors.ts";
import { WireReader, wire } from "./reader.ts";
import { structCodec } from "./struct.ts";
import { tag } from "./values.ts";
import { ReverseWriter } from "./writer.ts";

/** What every protobuf object of the API begins with. */
const magic = Buffer.from("k8s\0");

/** Encoding never waits, so that one writer serves all. */
const writer = new ReverseWriter();

/** An object's message without envelope: what a list holds per item and what may be kept and sent many times. */
export function encodeMessage(type: TypeName, object: JsonObject): Buffer {
  return written(() => structCodec(type).writeFields(writer, object));
}

/** The value of a message without envelope; a kind's `apiVersion` and `kind` are not part of it. */
export function decodeMessage(type: TypeName, bytes: Uint8Array): JsonObject {
  return structCodec(type).readFields(new WireReader(asBuffer(bytes)));
}

/** Puts a message into the envelope that says what it is. */
export function wrapMessage(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  return written(() => {
    writer.string("");
    writer.varint(tag(4, wire.bytes));
    writer.string("");
    writer.varint(tag(3, wire.bytes));
    writer.bytes(message);
    writer.varint(tag(2, wire.bytes));
    const before = writer.size;
    writer.string(kind);
    writer.varint(tag(2, wire.bytes));
    writer.string(apiVersion);
    writer.varint(tag(1, wire.bytes));
    writer.varint(writer.size - before);
    writer.varint(tag(1, wire.bytes));
    writer.raw(magic);
  });
}

/** A built-in object by its own `apiVersion` and `kind`, as a body of `application/vnd.kubernetes.protobuf`. */
export function encodeProtobuf(object: JsonObject): Buffer {
  const apiVersion = String(object["apiVersion"] ?? "");
  const kind = String(object["kind"] ?? "");
  return wrapMessage(apiVersion, kind, encodeMessage(typeOf(apiVersion, kind), object));
}

/** A list's message from the messages of its items, which are copied as they are. */
export function encodeListMessage(metadata: JsonObject, items: readonly Uint8Array[]): Buffer {
  return written(() => {
    for (let i = items.length - 1; i >= 0; i--) {
      writer.bytes(items[i] as Uint8Array);
      writer.varint(tag(2, wire.bytes));
    }
    structCodec("meta/v1.ListMeta").write(writer, metadata);
    writer.varint(tag(1, wire.bytes));
  });
}

/** One event of a watch stream, with the length in four bytes that frames it. `object` is a whole body with envelope. */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  return written(() => {
    writer.bytes(object);
    writer.varint(tag(1, wire.bytes));
    writer.varint(writer.size);
    writer.varint(tag(2, wire.bytes));
    writer.string(type);
    writer.varint(tag(1, wire.bytes));
    const size = Buffer.allocUnsafe(4);
    size.writeUInt32BE(writer.size);
    writer.raw(size);
  });
}

/** An event of a watch stream, taken out of its frame. */
export function decodeWatchEvent(frame: Uint8Array): { type: string; object: JsonObject } {
  let type = "";
  let object: JsonObject = {};
  for (const reader = new WireReader(asBuffer(frame)); !reader.isDone; ) {
    const fieldTag = reader.uint32();
    if (fieldTag === tag(1, wire.bytes)) type = reader.string();
    else if (fieldTag !== tag(2, wire.bytes)) reader.skip(fieldTag & 7);
    else {
      const raw = reader.message();
      if (!raw.isDone && raw.uint32() === tag(1, wire.bytes)) object = decodeProtobuf(raw.bytes());
    }
  }
  return { type, object };
}

interface Envelope {
  apiVersion: string;
  kind: string;
  message: Buffer;
  contentType: string;
}

/**
 * The object of a protobuf body, with `apiVersion` and `kind`. `expected` says what it is if the envelope does not. Throws `DecodeError` for
 * broken bytes and for kinds that the schema does not have.
 */
export function decodeProtobuf(body: Uint8Array, expected?: GroupVersionKind): JsonObject {
  const { apiVersion, kind, message, contentType } = openEnvelope(asBuffer(body), expected);
  const type = typeOf(apiVersion, kind);
  if (contentType === "application/json") return decodeObject(type, message).object;
  const object = decodeMessage(type, message);
  return schemaOf(type).isKind ? { apiVersion, kind, ...object } : object;
}

/** Whether a body says by its first bytes that it is protobuf. */
export function isProtobuf(body: Uint8Array): boolean {
  return asBuffer(body).subarray(0, magic.length).equals(magic);
}

function openEnvelope(body: Buffer, expected: GroupVersionKind | undefined): Envelope {
  if (!isProtobuf(body)) throw new DecodeError("provided data does not appear to be a protobuf message");
  const envelope: Envelope = { apiVersion: "", kind: "", message: Buffer.alloc(0), contentType: "" };
  for (const reader = new WireReader(body, magic.length); !reader.isDone; ) {
    const fieldTag = reader.uint32();
    if (fieldTag === tag(1, wire.bytes)) readTypeMeta(reader.message(), envelope);
    else if (fieldTag === tag(2, wire.bytes)) envelope.message = reader.bytes();
    else if (fieldTag === tag(4, wire.bytes)) envelope.contentType = reader.string();
    else reader.skip(fieldTag & 7);
  }
  if (expected && envelope.kind === "") {
    envelope.apiVersion = expected.group === "" ? expected.version : `${expected.group}/${expected.version}`;
    envelope.kind = expected.kind;
  }
  return envelope;
}

function readTypeMeta(reader: WireReader, envelope: Envelope): void {
  while (!reader.isDone) {
    const fieldTag = reader.uint32();
    if (fieldTag === tag(1, wire.bytes)) envelope.apiVersion = reader.string();
    else if (fieldTag === tag(2, wire.bytes)) envelope.kind = reader.string();
    else reader.skip(fieldTag & 7);
  }
}

function typeOf(apiVersion: string, kind: string): TypeName {
  const type = typeNameOf({ ...groupVersionOf(apiVersion), kind });
  if (type === undefined) {
    throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  return type;
}

function groupVersionOf(apiVersion: string) {
  try {
    return parseGroupVersion(apiVersion);
  } catch (cause) {
    throw new DecodeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function written(write: () => void): Buffer {
  try {
    write();
    return writer.take();
  } finally {
    writer.reset();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
