import { typeNameOf } from "@tskube/api";
import protobuf from "protobufjs";
import { decodeObject, encodeObject } from "./objects.ts";

export const protobufType = "application/vnd.kubernetes.protobuf";

const magic = Buffer.from("k8s\0");
const typeMeta = new protobuf.Type("TypeMeta")
  .add(new protobuf.Field("apiVersion", 1, "string"))
  .add(new protobuf.Field("kind", 2, "string"));
const unknown = new protobuf.Type("Unknown")
  .add(typeMeta)
  .add(new protobuf.Field("typeMeta", 1, "TypeMeta"))
  .add(new protobuf.Field("raw", 2, "bytes"))
  .add(new protobuf.Field("contentEncoding", 3, "string"))
  .add(new protobuf.Field("contentType", 4, "string"));
const rawExtension = new protobuf.Type("RawExtension").add(new protobuf.Field("raw", 1, "bytes"));
const watchEvent = new protobuf.Type("WatchEvent")
  .add(rawExtension)
  .add(new protobuf.Field("type", 1, "string"))
  .add(new protobuf.Field("object", 2, "RawExtension"));

interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
}

function typeOf({ apiVersion, kind }: Identity) {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const type = typeNameOf({ group, version, kind });
  if (!type) throw new Error(`no message for ${apiVersion} ${kind}`);
  return type;
}

/** A body of an object that names its kind. */
export function seal(object: Identity & Record<string, unknown>): Buffer {
  const { apiVersion, kind, ...rest } = object;
  const raw = encodeObject(typeOf(object), rest);
  return Buffer.concat([magic, unknown.encode({ typeMeta: { apiVersion, kind }, raw }).finish()]);
}

/** The object of a body. */
export function unseal(body: Uint8Array): Identity & Record<string, unknown> {
  if (!magic.equals(body.subarray(0, 4))) throw new Error("the body does not begin as protobuf does");
  const opened = unknown.decode(body.subarray(4)) as unknown as { typeMeta: Identity; raw: Uint8Array };
  const { apiVersion, kind } = opened.typeMeta;
  return { ...decodeObject(typeOf(opened.typeMeta), opened.raw), apiVersion, kind };
}

/** The events of a watch's body, each of which has its length before it. */
export async function* watchFrames(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly type: string; readonly object: Identity & Record<string, unknown> }> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      const event = watchEvent.decode(rest.subarray(4, end)) as unknown as {
        type: string;
        object: { raw: Uint8Array };
      };
      rest = rest.subarray(end);
      yield { type: event.type, object: unseal(event.object.raw) };
    }
  }
}
