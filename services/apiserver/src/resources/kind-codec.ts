import {
  DecodeError,
  type FieldValidation,
  type KubeObject,
  type ParsedBody,
  parseBody,
  readApplied,
  readObject,
} from "@tskube/api";
import {
  badRequest,
  field,
  formatGroupVersion,
  type GroupVersionKind,
  invalid,
  Path,
  type TypeName,
} from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";

export type BodyFormat = "json" | "yaml" | "protobuf";

export interface DecodeRequest {
  readonly fieldValidation: FieldValidation;
  warn(message: string): void;
  /** Told what the body holds, with its defaults, before anything else changes it; patches are not told. */
  decoded?(object: KubeObject): void;
}

/** Reads requests' bodies as objects of one kind in one version. */
export interface KindCodec {
  readonly kind: GroupVersionKind;
  readonly type: TypeName;
  /** A whole object, with its defaults; throws `badRequest` in upstream's words. */
  decode(body: Buffer, format: BodyFormat, request: DecodeRequest): KubeObject;
  /**
   * What a patch made, with defaults; throws `invalid` for what is no such object, showing it by `describe` or as JSON. `duplicates` are keys that stood
   * twice in the patch.
   */
  readPatched(value: unknown, duplicates: readonly string[], request: DecodeRequest, describe?: Describe): KubeObject;
  /** An object as server-side apply takes it: what the client wrote and no defaults. */
  decodeApplied(body: Buffer, request: DecodeRequest): KubeObject;
  /** What server-side apply made, brought into the form that decoding gives, with its defaults. */
  complete(merged: KubeObject): KubeObject;
  /** Throws for a kind that has no protobuf form. */
  toProtobuf(object: KubeObject): Buffer;
}

/** The patch or what it made, as text. */
export type Describe = (patched: unknown) => string;

export interface CodecParts {
  readonly setDefaults: (object: KubeObject) => void;
  readonly fromProtobuf: (body: Buffer) => KubeObject;
  readonly toProtobuf: (object: KubeObject) => Buffer;
}

export function createKindCodec(kind: GroupVersionKind, type: TypeName, parts: CodecParts): KindCodec {
  const readUnchecked = (body: ParsedBody, request: DecodeRequest, readAs: typeof readObject): KubeObject => {
    const { object, warnings } = readAs(type, body, request.fieldValidation);
    for (const warning of warnings) request.warn(warning);
    return asKind(object, kind);
  };
  const read = (body: ParsedBody, request: DecodeRequest, readAs = readObject): KubeObject => {
    checkType(body.value, kind);
    try {
      return readUnchecked(body, request, readAs);
    } catch (error) {
      throw unreadable(error, kind);
    }
  };
  const withDefaults = (object: KubeObject): KubeObject => {
    parts.setDefaults(object);
    return object;
  };
  return {
    kind,
    type,
    complete: withDefaults,
    toProtobuf: parts.toProtobuf,
    decode(body, format, request) {
      const object =
        format === "protobuf"
          ? readProtobuf(body, kind, parts.fromProtobuf)
          : read(parse(body, format, kind, request), request);
      parts.setDefaults(object);
      request.decoded?.(object);
      return object;
    },
    readPatched(value, duplicates, request, describe = JSON.stringify) {
      checkType(value, kind);
      try {
        return withDefaults(readUnchecked({ value, duplicates }, request, readObject));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw invalid({ group: "", kind: "" }, "", [field.invalid(Path.of("patch"), describe(value), error.message)]);
      }
    },
    decodeApplied: (body, request) => read(parse(body, "yaml", kind, request), request, readApplied),
  };
}

function parse(body: Buffer, format: "json" | "yaml", kind: GroupVersionKind, request: DecodeRequest): ParsedBody {
  try {
    return parseBody(body, { format, fieldValidation: request.fieldValidation });
  } catch (error) {
    const prefix = `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind`;
    throw badRequest(`${prefix}; json parse error: ${errorMessage(error)}`);
  }
}

function readProtobuf(body: Buffer, kind: GroupVersionKind, read: (body: Buffer) => KubeObject): KubeObject {
  try {
    const object = read(body);
    checkType(object, kind);
    return asKind(object as unknown as Record<string, unknown>, kind);
  } catch (error) {
    throw unreadable(error, kind);
  }
}

function asKind(object: Record<string, unknown>, { group, version, kind }: GroupVersionKind): KubeObject {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = object;
  return { kind, apiVersion: formatGroupVersion({ group, version }), metadata: metadata ?? {}, ...rest } as KubeObject;
}

/** A body may leave out its kind and version, but not name others. */
function checkType(value: unknown, { group, version, kind }: GroupVersionKind): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`);
  }
  const found = value as { apiVersion?: unknown; kind?: unknown };
  const expected = formatGroupVersion({ group, version });
  if (found.kind && found.kind !== kind) {
    throw badRequest(
      `${found.kind} in version "${found.apiVersion ?? ""}" cannot be handled as a ${kind}: converting (${found.apiVersion ?? ""}).${found.kind} to (${expected}).${kind}: unknown conversion`,
    );
  }
  if (found.apiVersion && found.apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${found.apiVersion}) does not match the expected API version (${expected})`,
    );
  }
}

function unreadable(error: unknown, { version, kind }: GroupVersionKind): unknown {
  if (!(error instanceof DecodeError)) return error;
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`);
}
