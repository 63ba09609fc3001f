import { ReverseWriter } from "../codec/protobuf/writer.ts";
import type { Json } from "./schemas.ts";
import { type Message, messages, type Shape } from "./v2-messages.ts";

/**
 * The OpenAPI v2 document in the protobuf form that discovery clients ask for
 * (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`, answered as `…spec.v2.v1.0+protobuf`, since `@` is no part of a media type): the messages of gnostic's OpenAPIv2, as far as Kubernetes uses them.
 */
export function encodeOpenapiV2(document: Json): Buffer {
  const writer = new ReverseWriter();
  writeFields(writer, messageOf("Document"), document);
  return writer.take();
}

const [varint, fixed64, bytes] = [0, 1, 2];
const anyYaml = 2;

/** Writes a message's fields from the last, for the writer goes backwards. */
function writeFields(writer: ReverseWriter, message: Message, value: Json): void {
  const vendor = Object.entries(value).filter(([name]) => name.startsWith("x-"));
  const fields = Object.entries(message).sort(([, a], [, b]) => b.number - a.number);
  for (const [name, { number, shape }] of fields) {
    const content = name === "x-" ? Object.fromEntries(vendor) : value[name];
    if (content !== undefined) writeField(writer, number, shape, content);
  }
}

function writeField(writer: ReverseWriter, number: number, shape: Shape, value: unknown): void {
  if (typeof shape === "string") writePlain(writer, number, shape, value);
  else if ("choose" in shape) writeField(writer, number, shape.choose(value), value);
  else if ("entries" in shape) writeEntries(writer, number, shape.entries, value as Json);
  else if ("each" in shape) {
    // JSON writes a list of one type as the type alone.
    const items: unknown[] = Array.isArray(value) ? [...value].reverse() : [value];
    for (const item of items) writeField(writer, number, shape.each, item);
  } else if ("inside" in shape) {
    writeMessage(writer, number, () => writeField(writer, shape.inside, shape.shape, value));
  } else {
    writeMessage(writer, number, () => writeFields(writer, messageOf(shape.message), value as Json));
  }
}

function writeEntries(writer: ReverseWriter, number: number, shape: Shape, entries: Json): void {
  for (const [name, entry] of Object.entries(entries).reverse()) {
    writeMessage(writer, number, () => {
      writeField(writer, 2, shape, entry);
      writePlain(writer, 1, "string", name);
    });
  }
}

function messageOf(name: string): Message {
  const message = messages[name];
  if (message === undefined) throw new Error(`no message ${name} in OpenAPI v2`);
  return message;
}

function writePlain(writer: ReverseWriter, number: number, shape: Shape & string, value: unknown): void {
  switch (shape) {
    case "string":
      writer.string(String(value));
      writer.varint(number * 8 + bytes);
      break;
    case "bool":
      writer.varint(value === true ? 1 : 0);
      writer.varint(number * 8 + varint);
      break;
    case "double":
      writer.double(Number(value));
      writer.varint(number * 8 + fixed64);
      break;
    case "any":
      writeMessage(writer, number, () => writePlain(writer, anyYaml, "string", JSON.stringify(value)));
  }
}

function writeMessage(writer: ReverseWriter, number: number, writeContent: () => void): void {
  const before = writer.size;
  writeContent();
  writer.varint(writer.size - before);
  writer.varint(number * 8 + bytes);
}
