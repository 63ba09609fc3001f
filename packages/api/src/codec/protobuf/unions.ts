import type { TypeName } from "@tskube/apimachinery";
import { type WireReader, wire } from "./reader.ts";
import { boolCodec, stringCodec, tag, type ValueCodec } from "./values.ts";
import type { ReverseWriter } from "./writer.ts";

/** A union is a message with one field per alternative, each with its own test for being meant. */
interface Alternative {
  readonly number: number;
  readonly codec: ValueCodec;
  readonly isList?: boolean;
  readonly accepts: (value: unknown) => boolean;
}

const schemaProps = "apiextensions.k8s.io/v1.JSONSchemaProps";
const isSchema = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The codec of a JSON schema's field that may hold a schema or something else. */
export function unionCodec(union: string, structCodec: (type: TypeName) => ValueCodec): ValueCodec {
  const schema = structCodec(schemaProps);
  switch (union) {
    case "JSONSchemaPropsOrArray":
      return messageOf([
        { number: 1, codec: schema, accepts: isSchema },
        { number: 2, codec: schema, isList: true, accepts: Array.isArray },
      ]);
    case "JSONSchemaPropsOrStringArray":
      return messageOf([
        { number: 1, codec: schema, accepts: isSchema },
        { number: 2, codec: stringCodec, isList: true, accepts: Array.isArray },
      ]);
    case "JSONSchemaPropsOrBool":
      return boolOrSchema(schema);
    default:
      throw new Error(`no codec for the union ${union}`);
  }
}

function messageOf(alternatives: readonly Alternative[]): ValueCodec {
  return {
    wireType: wire.bytes,
    write(writer, value) {
      const before = writer.size;
      const chosen = alternatives.find(({ accepts }) => accepts(value));
      if (chosen) writeAlternative(writer, chosen, value);
      writer.varint(writer.size - before);
    },
    read(reader) {
      let result: unknown;
      for (const message = reader.message(); !message.isDone; ) {
        const fieldTag = message.uint32();
        const found = alternatives.find(({ number, codec }) => fieldTag === tag(number, codec.wireType));
        if (!found) message.skip(fieldTag & 7);
        else if (found.isList) result = [...(Array.isArray(result) ? result : []), found.codec.read(message)];
        else result = found.codec.read(message);
      }
      return result;
    },
  };
}

function writeAlternative(writer: ReverseWriter, { number, codec, isList }: Alternative, value: unknown): void {
  const items: unknown[] = isList && Array.isArray(value) ? [...value].reverse() : [value];
  for (const item of items) {
    codec.write(writer, item);
    writer.varint(tag(number, codec.wireType));
  }
}

/** The flag is always there; beside a schema it says that more is allowed, namely what the schema describes. */
function boolOrSchema(schema: ValueCodec): ValueCodec {
  return {
    wireType: wire.bytes,
    write(writer, value) {
      const before = writer.size;
      if (isSchema(value)) {
        schema.write(writer, value);
        writer.varint(tag(2, wire.bytes));
      }
      boolCodec.write(writer, value !== false);
      writer.varint(tag(1, wire.varint));
      writer.varint(writer.size - before);
    },
    read(reader: WireReader) {
      let result: unknown = false;
      for (const message = reader.message(); !message.isDone; ) {
        const fieldTag = message.uint32();
        if (fieldTag === tag(2, wire.bytes)) result = schema.read(message);
        else if (fieldTag !== tag(1, wire.varint)) message.skip(fieldTag & 7);
        else if (message.bool() && result === false) result = true;
      }
      return result;
    },
  };
}
