import type { KubeObject } from "@tskube/api";
import { EvaluationError, toJson, type Value } from "../../../cel/index.ts";
import type { ShownWrite } from "../../matching/shown-write.ts";
import { checkPlaces, StructValue } from "./object-types.ts";

/** `object` with `applied` merged into it as server-side apply would, with conflicts won and nobody recorded. */
export type MergeApplied = (write: ShownWrite, object: KubeObject, applied: KubeObject) => KubeObject;

/** What the object that an expression made, merged into it, makes of the one that is written. */
export function applyConfigurationValue(
  write: ShownWrite,
  object: KubeObject,
  value: Value,
  merge: MergeApplied,
): KubeObject {
  if (!(value instanceof StructValue))
    throw new EvaluationError("ApplyConfiguration expression must evaluate to Object");
  checkPlaces(value, "Object");
  const { apiVersion, kind, metadata } = object;
  const made = toJson(value) as Partial<KubeObject>;
  const { name, namespace } = metadata;
  const identity = { ...(name && { name }), ...(namespace && { namespace }) };
  return merge(write, object, { ...made, apiVersion, kind, metadata: { ...made.metadata, ...identity } } as KubeObject);
}
