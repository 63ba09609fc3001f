import type { admissionregistrationV1, KubeObject } from "@tskube/api";
import { type LabelSelectorLike, labelSelectorAsSelector, parseGroupVersion } from "@tskube/apimachinery";
import type { LocalObjects, ObjectReader } from "../../registry/objects.ts";
import type { FindResourceOfKind } from "../resource-of-kind.ts";

/** A resource of parameters, by its kind. */
export interface ParamResource {
  readonly reader: ObjectReader;
  readonly isNamespaced: boolean;
}

export type FindParamResource = (kind: admissionregistrationV1.ParamKind) => ParamResource | undefined;

export function findParamResourceIn(objects: LocalObjects, findResource: FindResourceOfKind): FindParamResource {
  return ({ apiVersion = "", kind = "" }) => {
    const found = findResource({ ...parseGroupVersion(apiVersion), kind });
    return found && { reader: objects.reader(found), isNamespaced: found.namespaced };
  };
}

/**
 * The parameters of a binding for a write in `namespace`: a policy is evaluated once for each. Undefined stands for a policy without
 * parameters, and an empty list for a binding that has none and allows that. Throws when parameters are missing that must be there.
 */
export function paramsOf(
  policy: admissionregistrationV1.ValidatingAdmissionPolicySpec,
  ref: admissionregistrationV1.ParamRef | undefined,
  namespace: string,
  find: FindParamResource,
): readonly (KubeObject | undefined)[] {
  const { paramKind } = policy;
  if (!paramKind || !ref) return [undefined];
  const resource = find(paramKind);
  if (!resource) {
    throw new Error(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  }
  const where = resource.isNamespaced ? ref.namespace || namespace : "";
  if (resource.isNamespaced && where === "") {
    throw new Error("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  }
  const found = select(resource.reader, where, ref);
  if (found.length > 0) return found;
  if ((ref.parameterNotFoundAction ?? "Deny") === "Allow") return [];
  throw new Error("no params found for policy binding with `Deny` parameterNotFoundAction");
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
