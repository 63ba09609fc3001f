import type { apiextensionsV1, KubeObject } from "@tskube/api";
import type { ReplicaAccess } from "../../resources/scale.ts";
import { isMap, type JsonMap } from "../schema/structure.ts";
import { fieldNames } from "./json-path.ts";

/** Where a custom resource keeps what `/scale` reads and writes. */
export function replicaAccess(scale: apiextensionsV1.CustomResourceSubresourceScale): ReplicaAccess {
  const names = (path: string | undefined) => (path === undefined ? [] : (fieldNames(path) ?? []));
  const [spec, status, selector] = [scale.specReplicasPath, scale.statusReplicasPath, scale.labelSelectorPath].map(
    names,
  );
  return {
    read: (object) => ({
      replicas: numberAt(object, spec ?? []),
      current: numberAt(object, status ?? []),
      selector: textAt(object, selector ?? []),
    }),
    write: (object, replicas) => withValue(object as unknown as JsonMap, spec ?? [], replicas) as unknown as KubeObject,
  };
}

function at(object: unknown, names: readonly string[]): unknown {
  return names.reduce((value, name) => (isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined), object);
}

function numberAt(object: unknown, names: readonly string[]): number {
  const found = at(object, names);
  return typeof found === "number" ? found : 0;
}

function textAt(object: unknown, names: readonly string[]): string {
  const found = names.length > 0 ? at(object, names) : "";
  return typeof found === "string" ? found : "";
}

function withValue(object: JsonMap, [name, ...more]: readonly string[], value: unknown): JsonMap {
  if (name === undefined) return object;
  const child = isMap(object[name]) ? (object[name] as JsonMap) : {};
  return { ...object, [name]: more.length === 0 ? value : withValue(child, more, value) };
}
