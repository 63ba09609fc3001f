import type { apiextensionsV1, KubeObject } from "@tskube/api";
import { type FieldError, field, goQuote, internalError, Path } from "@tskube/apimachinery";
import type { ReplicaAccess } from "../../resources/scale.ts";
import { goTypeOf } from "../schema/go-type.ts";
import { isMap, type JsonMap } from "../schema/structure.ts";
import { fieldNames } from "./json-path.ts";

/** Where a custom resource keeps what `/scale` reads and writes. */
export function replicaAccess(scale: apiextensionsV1.CustomResourceSubresourceScale): ReplicaAccess {
  const names = (path: string | undefined) => (path === undefined ? [] : (fieldNames(path) ?? []));
  const [spec, status, selector] = [scale.specReplicasPath, scale.statusReplicasPath, scale.labelSelectorPath].map(
    names,
  );
  return {
    mustHave(object) {
      if (at(object, spec ?? []) !== undefined) return;
      throw internalError(new Error(`the spec replicas field ${goQuote(scale.specReplicasPath)} does not exist`));
    },
    read: (object) => ({
      replicas: numberAt(object, spec ?? []),
      current: numberAt(object, status ?? []),
      selector: textAt(object, selector ?? []),
    }),
    write: (object, replicas) => withValue(object as unknown as JsonMap, spec ?? [], replicas) as unknown as KubeObject,
  };
}

const maxReplicas = 2 ** 31 - 1;

/** What `/scale` could not show of an object. */
export function scaleErrors(object: object, scale: apiextensionsV1.CustomResourceSubresourceScale): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const errors = [specReplicasPath, statusReplicasPath].flatMap((path) => replicaErrors(object, path));
  const selector = labelSelectorPath ? at(object, fieldNames(labelSelectorPath) ?? []) : undefined;
  if (labelSelectorPath && selector !== undefined && typeof selector !== "string") {
    errors.push(field.invalid(Path.of(labelSelectorPath), "", accessorError(labelSelectorPath, selector, "string")));
  }
  return errors;
}

function replicaErrors(object: object, path: string): FieldError[] {
  const found = at(object, fieldNames(path) ?? []);
  const say = (shown: number, detail: string) => [field.invalid(Path.of(path), shown, detail)];
  if (found === undefined) return [];
  if (typeof found !== "number" || !Number.isInteger(found)) return say(0, accessorError(path, found, "int64"));
  if (found < 0) return say(found, "should be a non-negative integer");
  return found > maxReplicas ? say(found, `should be less than or equal to ${maxReplicas}`) : [];
}

function accessorError(path: string, value: unknown, wanted: string): string {
  return `${path} accessor error: ${JSON.stringify(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`;
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
