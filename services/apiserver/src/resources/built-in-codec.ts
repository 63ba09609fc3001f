import { decodeProtobuf, encodeProtobuf, type KubeObject, normalize, setDefaults } from "@tskube/api";
import type { GroupVersionKind, TypeName } from "@tskube/apimachinery";
import { createKindCodec, type KindCodec } from "./kind-codec.ts";

type JsonShaped = KubeObject & Record<string, unknown>;

/** Reads and writes one of the kinds of the built-in schema. */
export function builtInCodec(kind: GroupVersionKind, type: TypeName): KindCodec {
  const codec = createKindCodec(kind, type, {
    setDefaults: (object) => setDefaults(kind, object),
    fromProtobuf: (body) => decodeProtobuf(body, kind) as unknown as KubeObject,
    toProtobuf: (object) => encodeProtobuf(object as JsonShaped),
  });
  return {
    ...codec,
    complete(merged) {
      // What was applied has no struct that its author did not write, and lists that are owned whole come as they were written.
      const { apiVersion, kind: name } = merged;
      const { kind: _kind, apiVersion: _version, ...rest } = normalize(type, merged);
      const object = { kind: name, apiVersion, ...rest } as KubeObject;
      setDefaults(kind, object);
      return object;
    },
  };
}
