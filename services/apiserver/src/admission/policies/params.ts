import type { admissionregistrationV1, KubeObject } from "@tskube/api";
import { type LabelSelectorLike, labelSelectorAsSelector, parseGroupVersion } from "@tskube/apimachinery";
import type { LocalObjects, ObjectReader } from "../../registry/objects.ts";
import type { FindResourceOfKind, ResourceOfKind } from "../resource-of-kind.ts";

/** A resource of parameters, by its kind. */
export interface ParamResource {
  readonly reader: ObjectReader;
  readonly isNamespaced: boolean;
  /** Resolves when all objects are there to be read: custom resources are opened by whoever asks first. */
  whenReady(): Promise<void>;
}

export type FindParamResource = (kind: admissionregistrationV1.ParamKind) => ParamResource | undefined;

export function findParamResourceIn(objects: LocalObjects, findResource: FindResourceOfKind): FindParamResource {
  const ready = new WeakMap<ResourceOfKind, Promise<void>>();
  return ({ apiVersion = "", kind = "" }) => {
    const found = findResource({ ...parseGroupVersion(apiVersion), kind });
    if (!found) return undefined;
    const reader = objects.reader(found);
    const whenReady = () => {
      const known = ready.get(found) ?? reader.fresh();
      ready.set(found, known);
      return known;
    };
    return { reader, isNamespaced: found.namespaced, whenReady };
  };
}

/**
 * The parameters of a binding for a write in `namespace`: a policy is evaluated once for each. Undefined stands for a policy without
 * parameters, and an empty list for a binding that has none and allows that. Throws when parameters are missing that must be there.
 */
export async function paramsOf(
  paramKind: admissionregistrationV1.ParamKind | undefined,
  ref: admissionregistrationV1.ParamRef | undefined,
  namespace: string,
  find: FindParamResource,
): Promise<readonly (KubeObject | undefined)[]> {
  if (!paramKind || !ref) return [undefined];
  const resource = find(paramKind);
  if (!resource) {
    const { group, version } = parseGroupVersion(paramKind.apiVersion ?? "");
    throw new Error(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${paramKind.kind}'`);
  }
  await resource.whenReady();
  const found = select(resource.reader, namespaceOf(resource, ref, namespace), ref);
  if (found.length > 0) return found;
  if ((ref.parameterNotFoundAction ?? "Deny") === "Allow") return [];
  throw new Error("no params found for policy binding with `Deny` parameterNotFoundAction");
}

/** Parameters in namespaces come from the namespace of the write unless the binding names another. */
function namespaceOf(
  { isNamespaced }: ParamResource,
  ref: admissionregistrationV1.ParamRef,
  namespace: string,
): string {
  if (!isNamespaced) {
    if (ref.namespace) throw new Error("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    return "";
  }
  const where = ref.namespace || namespace;
  if (where === "") {
    throw new Error("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  }
  return where;
}

function select(
  reader: ObjectReader,
  namespace: string,
  { name, selector }: admissionregistrationV1.ParamRef,
): readonly KubeObject[] {
  if (name) {
    const found = reader.get(namespace, name);
    return found ? [found] : [];
  }
  const compiled = labelSelectorAsSelector((selector ?? {}) as LabelSelectorLike);
  const all = namespace === "" ? reader.list() : reader.list(namespace);
  return all.filter(({ metadata }) => compiled.matches(metadata.labels));
}
