import { DecodeError, type KubeObject, type ParsedBody, parseBody, StrictDecodingError } from "@tskube/api";
import { badRequest, goQuote, unsupportedMediaType } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { DecodeRequest, KindCodec } from "../../resources/kind-codec.ts";
import { setSchemaDefaults } from "../schema/defaults.ts";
import { hasEmbedded, normalizeEmbedded, readAppliedMetadata, readMetadata } from "../schema/metadata.ts";
import { prune } from "../schema/prune.ts";
import { isMap, type JsonMap } from "../schema/structure.ts";
import type { CustomObject, CustomVersion } from "./version.ts";

/** Reads bodies as objects of a custom kind: pruned to the schema and with its defaults. */
export function customCodec(custom: CustomVersion): KindCodec {
  const { info, typeName } = custom;
  const read = (body: ParsedBody, request: DecodeRequest): KubeObject => {
    try {
      return readObject(custom, body, request);
    } catch (error) {
      throw unreadable(custom, error);
    }
  };
  const isHost = hasEmbedded(custom.schema);
  const withDefaults = (object: KubeObject): KubeObject => {
    setSchemaDefaults(object, custom.schema);
    return object;
  };
  return {
    kind: info,
    type: typeName,
    complete: withDefaults,
    toProtobuf() {
      throw unsupportedMediaType(bodyTypes);
    },
    decode(body, format, request) {
      if (format === "protobuf") throw unsupportedMediaType(bodyTypes);
      const object = withDefaults(read(parse(body, format, custom, request), request));
      request.decoded?.(object);
      return object;
    },
    readPatched: (value, duplicates, request) => withDefaults(read({ value, duplicates }, request)),
    decodeApplied(body, request) {
      const parsed = parse(body, "yaml", custom, request);
      tellDuplicates(parsed.duplicates, request);
      const object = typed(parsed.value, custom);
      try {
        // Only to refuse what is none: unknown fields are for field management to tell of.
        if (isHost) normalizeEmbedded(structuredClone(object), custom.schema, "refuse");
        return inOrder({ ...object, metadata: readAppliedMetadata(object["metadata"]) }, custom);
      } catch (error) {
        throw unreadable(custom, error);
      }
    },
  };
}

/** Keys that stand twice in what is applied are refused before anything is made of it. */
function tellDuplicates(duplicates: readonly string[], request: DecodeRequest): void {
  if (duplicates.length === 0 || request.fieldValidation === "Ignore") return;
  if (request.fieldValidation === "Strict") {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${duplicates.join("\n")}`);
  }
  for (const line of duplicates) request.warn(line);
}

const bodyTypes = ["application/json", "application/yaml"];

/** Brings a parsed object of this version into the form that is stored, without telling what was left out. */
export function settle(value: JsonMap, custom: CustomVersion): CustomObject {
  const { metadata } = readMetadata(value["metadata"]);
  const object = inOrder({ ...value, metadata }, custom);
  prune(object, custom.schema, true);
  normalizeEmbedded(object, custom.schema, "drop");
  setSchemaDefaults(object, custom.schema);
  return object;
}

function readObject(custom: CustomVersion, body: ParsedBody, request: DecodeRequest): KubeObject {
  const value = structuredClone(typed(body.value, custom));
  const { metadata, unknown } = readMetadata(value["metadata"]);
  const object = inOrder({ ...value, metadata }, custom);
  const pruned = prune(object, custom.schema, true);
  const removed = [...unknown, ...pruned, ...normalizeEmbedded(object, custom.schema, "refuse")].sort();
  if (request.fieldValidation !== "Ignore") {
    const errors = [...body.duplicates, ...removed.map((path) => `unknown field ${goQuote(path)}`)];
    if (request.fieldValidation === "Strict" && errors.length > 0) throw new StrictDecodingError(errors);
    for (const warning of errors) request.warn(warning);
  }
  return object;
}

function inOrder(object: JsonMap, { info, apiVersion }: CustomVersion): CustomObject {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = object;
  return { kind: info.kind, apiVersion, metadata, ...rest } as CustomObject;
}

function parse(body: Buffer, format: "json" | "yaml", { info }: CustomVersion, request: DecodeRequest): ParsedBody {
  try {
    return parseBody(body, { format, fieldValidation: request.fieldValidation });
  } catch (error) {
    const start = `the object provided is unrecognized (must be of type ${info.kind}): couldn't get version/kind`;
    throw badRequest(`${start}; json parse error: ${errorMessage(error)}`);
  }
}

/** A body may leave out its kind and version, but not name others. */
function typed(value: unknown, { info, apiVersion }: CustomVersion): JsonMap {
  if (!isMap(value)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${info.kind}): couldn't get version/kind`);
  }
  const { kind, apiVersion: version } = value;
  if ((version && version !== apiVersion) || (kind && kind !== info.kind)) {
    throw badRequest(
      `the API version in the data (${version ?? apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  return value;
}

function unreadable({ info }: CustomVersion, error: unknown): unknown {
  if (!(error instanceof DecodeError)) return error;
  return badRequest(`${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: ${error.message}`);
}
