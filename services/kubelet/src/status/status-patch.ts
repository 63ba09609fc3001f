import type { PodCondition, PodStatus } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { ownConditionTypes } from "./conditions.ts";

/** Lists that a strategic merge patch merges by a key; written whole they need to say so. */
const mergedLists: Readonly<Record<string, string>> = { podIPs: "ip", hostIPs: "ip" };

/**
 * The strategic merge patch that turns the status `from` into `to`, or undefined when nothing differs. Conditions of others are left
 * alone, for they may have changed since we saw them.
 */
export function statusPatch(from: PodStatus | undefined, to: PodStatus): Record<string, unknown> | undefined {
  const before = (from ?? {}) as Record<string, unknown>;
  const after = to as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === "conditions" || keptByOthers.has(key) || deepEqual(before[key], after[key])) continue;
    patch[key] = after[key] === undefined ? null : whole(key, before[key], after[key]);
  }
  const conditions = changedConditions(from?.conditions ?? [], to.conditions ?? []);
  if (conditions.length > 0) {
    patch["conditions"] = conditions;
    patch["$setElementOrder/conditions"] = (to.conditions ?? []).map(({ type }) => ({ type }));
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Fields of a pod's status that other components own. */
const keptByOthers: ReadonlySet<string> = new Set([
  "nominatedNodeName",
  "resourceClaimStatuses",
  "extendedResourceClaimStatus",
  "resize",
]);

/** Elements that are gone must be deleted one by one in a merged list. */
function whole(key: string, before: unknown, after: unknown): unknown {
  const mergeKey = mergedLists[key];
  if (!mergeKey || !Array.isArray(before) || !Array.isArray(after)) return after;
  const kept = new Set(after.map((item) => item[mergeKey]));
  const gone = before.filter((item) => !kept.has(item[mergeKey]));
  return [...after, ...gone.map((item) => ({ $patch: "delete", [mergeKey]: item[mergeKey] }))];
}

function changedConditions(before: readonly PodCondition[], after: readonly PodCondition[]): Record<string, unknown>[] {
  return after.flatMap((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    if (!ownConditionTypes.has(condition.type) || deepEqual(old, condition)) return [];
    // Merged by type, a condition keeps what its patch does not name: the reason of a trouble that is over, for one.
    const gone = Object.keys(old ?? {}).filter((key) => !(key in condition));
    return [{ ...condition, ...Object.fromEntries(gone.map((key) => [key, null])) }];
  });
}

/** Whether the API holds the status that we want, however a server writes what is empty. */
export function isShown(shown: PodStatus | undefined, wanted: PodStatus): boolean {
  return (
    statusPatch(withoutEmpty(shown) as PodStatus | undefined, (withoutEmpty(wanted) ?? {}) as PodStatus) === undefined
  );
}

/** Drops what Go's omitempty may leave out: empty texts, lists and objects, zeros, false and null. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? {});
  if (typeof value !== "object" || value === null) return value || undefined;
  const entries = Object.entries(value).flatMap(([key, each]) => {
    const kept = withoutEmpty(each);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
