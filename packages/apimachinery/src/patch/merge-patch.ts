import { isJsonObject, ownField } from "../json.ts";
import { badRequest } from "../status/constructors.ts";
import { deepClone, setField } from "../values/deep.ts";

/**
 * Applies a JSON merge patch (RFC 7386) given as parsed JSON: objects merge, null removes, everything else replaces.
 * The result shares nothing with `original` or `patch`. A patch that is no object is a bad request, for it could only
 * replace an API object by something that is none.
 */
export function applyMergePatch(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) throw badRequest("Invalid JSON Patch");
  return merge(original, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return deepClone(patch);
  const base = isJsonObject(target) ? target : {};
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(base)) {
    if (ownField(patch, key) === undefined) setField(result, key, deepClone(base[key]));
    else if (patch[key] !== null) setField(result, key, merge(base[key], patch[key]));
  }
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value !== null && value !== undefined && !Object.hasOwn(base, key))
      setField(result, key, merge(undefined, value));
  }
  return result;
}
