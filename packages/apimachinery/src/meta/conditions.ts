import { deepEqual } from "../values/deep.ts";
import { formatTime } from "../values/time.ts";

/** A condition of either style: metav1.Condition, or the older ones of pods, nodes and workloads. */
export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly lastTransitionTime?: string | null | undefined;
}

interface WithConditions<C extends ConditionLike> {
  readonly status?: { readonly conditions?: readonly C[] | undefined } | undefined;
}

export function getCondition<C extends ConditionLike>(object: WithConditions<C>, type: string): C | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** True if the object has a condition that agrees with `wanted` in all that `wanted` gives. */
export function hasCondition(
  object: WithConditions<ConditionLike>,
  wanted: Readonly<Partial<ConditionLike>> & { readonly type: string },
): boolean {
  const found = getCondition(object, wanted.type);
  if (!found) return false;
  return keys(wanted).every((key) => wanted[key] === undefined || wanted[key] === found[key]);
}

function keys(condition: Readonly<Partial<ConditionLike>>): (keyof ConditionLike)[] {
  return Object.keys(condition) as (keyof ConditionLike)[];
}

/** True if the condition is there and its status is `True`. */
export function isConditionTrue(object: WithConditions<ConditionLike>, type: string): boolean {
  return getCondition(object, type)?.status === "True";
}

/** A condition that may leave its transition time to `withCondition`. */
export type NewCondition<C extends ConditionLike> = Omit<C, "lastTransitionTime"> &
  Pick<ConditionLike, "type" | "status" | "lastTransitionTime">;

/**
 * The list with `condition` put in the place of the one with its type, or appended. `lastTransitionTime` moves to `nowMs`
 * only when the status changes, unless the condition brings its own. Returns the same list if nothing changes.
 */
export function withCondition<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  condition: NewCondition<C>,
  nowMs: number,
): readonly C[] {
  const list = conditions ?? [];
  const index = list.findIndex((one) => one.type === condition.type);
  const old = list[index];
  const isSameStatus = old?.status === condition.status;
  const lastTransitionTime =
    condition.lastTransitionTime ?? ((isSameStatus ? old.lastTransitionTime : undefined) || formatTime(nowMs));
  const next = { ...condition, lastTransitionTime } as C;
  if (!old) return [...list, next];
  return deepEqual(old, next) ? list : list.with(index, next);
}

/** The list without conditions of that type; the same list if there is none. */
export function withoutCondition<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  type: string,
): readonly C[] {
  const list = conditions ?? [];
  return list.some((one) => one.type === type) ? list.filter((one) => one.type !== type) : list;
}
