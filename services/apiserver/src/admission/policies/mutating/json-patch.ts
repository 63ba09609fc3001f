import { applyJsonPatch } from "@tskube/apimachinery";
import {
  EvaluationError,
  type FunctionDeclaration,
  func,
  ListValue,
  celType as t,
  toJson,
  type Value,
} from "../../../cel/index.ts";
import { StructValue } from "./object-types.ts";

/** `jsonpatch.escapeKey("example.com/key")`: a key as a pointer writes it. */
export const jsonPatchLibrary: readonly FunctionDeclaration[] = [
  func("jsonpatch.escapeKey", [t.STRING], t.STRING, (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1")),
];

/** What the operations that an expression made do to an object. */
export function applyPatchValue(object: object, value: Value): unknown {
  if (!(value instanceof ListValue)) throw new EvaluationError("JSONPatch expression must evaluate to a list");
  return applyJsonPatch(object, Array.from(value, operation));
}

function operation(value: Value): unknown {
  if (!(value instanceof StructValue))
    throw new EvaluationError("JSONPatch expression must evaluate to JSONPatch objects");
  const { op, path, from, value: added } = Object.fromEntries(value.fields);
  return {
    op: toJson(op ?? ""),
    path: toJson(path ?? ""),
    ...(from !== undefined && { from: toJson(from) }),
    ...(added !== undefined && { value: toJson(added) }),
  };
}
