import { decodeProtobuf, encodeProtobuf, type KubeObject, setDefaults } from "@tskube/api";
import type { GroupVersionKind, TypeName } from "@tskube/apimachinery";
import { createKindCodec, type KindCodec } from "./kind-codec.ts";

type JsonShaped = KubeObject & Record<string, unknown>;

/** Reads and writes one of the kinds of the built-in schema. */
export function builtInCodec(kind: GroupVersionKind, type: TypeName): KindCodec {
  return createKindCodec(kind, type, {
    setDefaults: (object) => setDefaults(kind, object),
    fromProtobuf: (body) => decodeProtobuf(body, kind) as unknown as KubeObject,
    toProtobuf: (object) => encodeProtobuf(object as JsonShaped),
  });
}
