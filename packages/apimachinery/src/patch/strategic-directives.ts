import { isJsonObject, isList, type JsonObject, ownField } from "../json.ts";
import { badRequest } from "../status/constructors.ts";
import { canonicalJson, deepClone, setField } from "../values/deep.ts";
import { unprocessablePatch } from "./json-patch.ts";

/** Words with which a strategic merge patch says more than what to merge. */
export const patchDirective = "$patch";
export const retainKeysDirective = "$retainKeys";
export const deletePrefix = "$deleteFromPrimitiveList/";
export const orderPrefix = "$setElementOrder/";

export type PatchKind = "replace" | "delete" | "merge";

/** What `$patch` says; absent is to merge. */
export function patchKindOf(patch: JsonObject): PatchKind {
  const kind = ownField(patch, patchDirective) ?? "merge";
  if (kind === "replace" || kind === "delete" || kind === "merge") return kind;
  throw unprocessablePatch(`unknown patch type: ${String(kind)} in map: ${JSON.stringify(patch)}`);
}

function isDirective(key: string): boolean {
  return (
    key === patchDirective || key === retainKeysDirective || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)
  );
}

/** A copy of new content from a patch: without directives, without nulls, and without list items that ask to be deleted. */
export function contentOf(value: unknown): unknown {
  if (isList(value)) return value.filter((item) => !isDeletion(item) && !isBareDirective(item)).map(contentOf);
  if (!isJsonObject(value)) return value;
  const content: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== null && field !== undefined && !isDirective(key)) setField(content, key, contentOf(field));
  }
  return content;
}

function isDeletion(item: unknown): boolean {
  return isJsonObject(item) && ownField(item, patchDirective) === "delete";
}

/** `{"$patch": "replace"}` alone says something about its list and is no item of it. */
function isBareDirective(item: unknown): boolean {
  return isJsonObject(item) && Object.keys(item).length === 1 && Object.hasOwn(item, patchDirective);
}

/** The keys that `$retainKeys` lets stay, if the patch has it. Every key the patch sets must be among them. */
export function retainedKeys(patch: JsonObject): ReadonlySet<string> | undefined {
  const listed = ownField(patch, retainKeysDirective);
  if (listed === undefined) return undefined;
  if (!isList(listed)) throw badRequest("invalid patch format of retainKeys list");
  const keys = new Set(listed.map(String));
  const strays = Object.keys(patch).filter((key) => !isDirective(key) && patch[key] !== null && !keys.has(key));
  if (strays.length > 0) throw badRequest("invalid patch format of retainKeys list");
  return keys;
}

/** The list under a directive of the form `$name/field`. */
export function directiveList(patch: JsonObject, key: string, what: string): readonly unknown[] {
  const list = ownField(patch, key);
  if (!isList(list)) throw badRequest(`invalid patch format of ${what} list`);
  return list;
}

/** The list without the items that `unwanted` has. */
export function withoutItems(list: readonly unknown[], unwanted: readonly unknown[]): unknown[] {
  const gone = new Set(unwanted.map(canonicalJson));
  return list.filter((item) => !gone.has(canonicalJson(item))).map(deepClone);
}
