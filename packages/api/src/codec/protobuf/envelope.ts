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
    writer.raw(envelopeTail);
    writer.bytes(message);
    writeEnvelopeHead(apiVersion, kind);
  });
}

/** What stands in an envelope after the message: no content encoding, no content type. */
const envelopeTail = Buffer.from([tag(3, wire.bytes), 0, tag(4, wire.bytes), 0]);

/** The message's tag, after the writer has its length, and all before it. */
function writeEnvelopeHead(apiVersion: string, kind: string): void {
  writer.varint(tag(2, wire.bytes));
  const before = writer.size;
  writer.string(kind);
  writer.varint(tag(2, wire.bytes));
  writer.string(apiVersion);
  writer.varint(tag(1, wire.bytes));
  writer.varint(writer.size - before);
  writer.varint(tag(1, wire.bytes));
  writer.raw(magic);
}

/** A built-in object by its own `apiVersion` and `kind`, as a body of `application/vnd.kubernetes.protobuf`. */
export function encodeProtobuf(object: JsonObject): Buffer {
  const apiVersion = String(object["apiVersion"] ?? "");
  const kind = String(object["kind"] ?? "");
  return wrapMessage(apiVersion, kind, encodeMessage(typeOf(apiVersion, kind), object));
}

/**
 * What stands before and after the items of a list, so that a long one need not be copied together: each item is `listItemHead` of its
 * message's length, then the message; `itemBytes` is the length of all that.
 */
export function frameList(
  apiVersion: string,
  listKind: string,
  metadata: JsonObject,
  itemBytes: number,
): { readonly head: Buffer; readonly tail: Buffer } {
  const head = written(() => {
    structCodec("meta/v1.ListMeta").write(writer, metadata);
    writer.varint(tag(1, wire.bytes));
    writer.varint(writer.size + itemBytes);
    writeEnvelopeHead(apiVersion, listKind);
  });
  return { head, tail: envelopeTail };
}

export function listItemHead(messageBytes: number): Buffer {
  return written(() => {
    writer.varint(messageBytes);
    writer.varint(tag(2, wire.bytes));
  });
}

/** The message of PartialObjectMetadata out of the message of an object: in every kind its metadata is the first field. */
export function metadataMessage(message: Buffer): Buffer {
  const reader = new WireReader(message);
  if (reader.isDone || reader.uint32() !== tag(1, wire.bytes)) return message.subarray(0, 0);
  const metadata = reader.bytes();
  return message.subarray(0, metadata.byteOffset + metadata.byteLength - message.byteOffset);
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
