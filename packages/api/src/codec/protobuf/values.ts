import {
  formatDuration,
  formatMicroTime,
  formatTime,
  parseDuration,
  parseTime,
  type ScalarName,
} from "@tskube/apimachinery";
import { DecodeError } from "../json/errors.ts";
import { canonicalQuantityOf } from "../json/scalars.ts";
import { decodeRaw, encodeRaw } from "./raw.ts";
import { type WireReader, wire } from "./reader.ts";
import type { ReverseWriter } from "./writer.ts";

/** Writes and reads one value without its tag. */
export interface ValueCodec {
  readonly wireType: number;
  /** `undefined` writes the zero value. */
  write(writer: ReverseWriter, value: unknown): void;
  read(reader: WireReader): unknown;
}

/** The codec of a scalar, plain or one of the messages that Go writes by hand. */
export function scalarCodec(scalar: ScalarName): ValueCodec {
  return codecs[scalar];
}

export const stringCodec: ValueCodec = {
  wireType: wire.bytes,
  write: (writer, value) => writer.string(typeof value === "string" ? value : ""),
  read: (reader) => reader.string(),
};

const intCodec: ValueCodec = {
  wireType: wire.varint,
  write: (writer, value) => writer.int(typeof value === "number" ? value : 0),
  read: (reader) => reader.int64(),
};

export const boolCodec: ValueCodec = {
  wireType: wire.varint,
  write: (writer, value) => writer.varint(value === true ? 1 : 0),
  read: (reader) => reader.bool(),
};

const codecs: Readonly<Record<ScalarName, ValueCodec>> = {
  string: stringCodec,
  bool: boolCodec,
  int32: intCodec,
  int64: intCodec,
  float64: {
    wireType: wire.fixed64,
    write: (writer, value) => writer.double(typeof value === "number" ? value : 0),
    read: (reader) => reader.double(),
  },
  bytes: {
    wireType: wire.bytes,
    write: (writer, value) => writer.bytes(Buffer.from(typeof value === "string" ? value : "", "base64")),
    read: (reader) => reader.bytes().toString("base64"),
  },
  // Sub-second parts are left out on purpose: what JSON cannot say, protobuf must not either.
  Time: timeCodec(
    (ms) => formatTime(ms),
    () => 0,
  ),
  MicroTime: timeCodec(formatMicroTime, (ms) => Math.round((ms - Math.floor(ms / 1000) * 1000) * 1000) * 1000),
  Duration: messageCodec(
    (writer, value) => {
      const ms = typeof value === "string" ? (parseDuration(value) ?? 0) : 0;
      writer.int(Math.round(ms * 1e6));
      writer.varint(tag(1, wire.varint));
    },
    (fields) => formatDuration(Number(fields.get(1) ?? 0) / 1e6),
    { 1: (reader) => reader.int64() },
  ),
  Quantity: messageCodec(
    (writer, value) => {
      writer.string(typeof value === "string" ? value : "0");
      writer.varint(tag(1, wire.bytes));
    },
    (fields) => canonicalQuantityOf(fields.get(1) || "0"),
    { 1: (reader) => reader.string() },
  ),
  IntOrString: messageCodec(
    (writer, value) => {
      const isText = typeof value === "string";
      writer.string(isText ? value : "");
      writer.varint(tag(3, wire.bytes));
      writer.int(typeof value === "number" ? value : 0);
      writer.varint(tag(2, wire.varint));
      writer.varint(isText ? 1 : 0);
      writer.varint(tag(1, wire.varint));
    },
    (fields) => (fields.get(1) ? (fields.get(3) ?? "") : (fields.get(2) ?? 0)),
    { 1: (reader) => reader.int64(), 2: (reader) => reader.int64(), 3: (reader) => reader.string() },
  ),
  RawExtension: rawCodec(encodeRaw, decodeRaw),
  FieldsV1: rawCodec(encodeRaw, decodeRaw),
  JSON: rawCodec(encodeRaw, decodeRaw),
};

export function tag(number: number, wireType: number): number {
  return number * 8 + wireType;
}

/** A message of a few fields that becomes one value. */
function messageCodec(
  writeFields: (writer: ReverseWriter, value: unknown) => void,
  combine: (fields: ReadonlyMap<number, unknown>) => unknown,
  readers: Readonly<Record<number, (reader: WireReader) => unknown>>,
): ValueCodec {
  return {
    wireType: wire.bytes,
    write(writer, value) {
      const before = writer.size;
      writeFields(writer, value);
      writer.varint(writer.size - before);
    },
    read: (reader) => combine(readFields(reader.message(), readers)),
  };
}

function readFields(
  message: WireReader,
  readers: Readonly<Record<number, (reader: WireReader) => unknown>>,
): Map<number, unknown> {
  const fields = new Map<number, unknown>();
  while (!message.isDone) {
    const fieldTag = message.uint32();
    const read = readers[fieldTag >>> 3];
    if (read) fields.set(fieldTag >>> 3, read(message));
    else message.skip(fieldTag & 7);
  }
  return fields;
}

/** Seconds and nanoseconds; a time that nobody set is an empty message. */
function timeCodec(format: (ms: number) => string, nanosOf: (ms: number) => number): ValueCodec {
  return messageCodec(
    (writer, value) => {
      const ms = typeof value === "string" ? parseTime(value) : undefined;
      if (ms === undefined) return;
      writer.int(nanosOf(ms));
      writer.varint(tag(2, wire.varint));
      writer.int(Math.floor(ms / 1000));
      writer.varint(tag(1, wire.varint));
    },
    (fields) => {
      if (fields.size === 0) return undefined;
      const ms = Number(fields.get(1) ?? 0) * 1000 + Number(fields.get(2) ?? 0) / 1e6;
      if (!(Math.abs(ms) <= 8.64e15)) throw new DecodeError("proto: time is out of range");
      return format(ms);
    },
    { 1: (reader) => reader.int64(), 2: (reader) => reader.int64() },
  );
}

/** A message whose field 1 is the value in bytes; absent when there is none. */
function rawCodec(encode: (value: unknown) => Uint8Array, decode: (bytes: Buffer) => unknown): ValueCodec {
  return messageCodec(
    (writer, value) => {
      if (value === undefined || value === null) return;
      writer.bytes(encode(value));
      writer.varint(tag(1, wire.bytes));
    },
    (fields) => fields.get(1),
    { 1: (reader) => decode(reader.bytes()) },
  );
}
