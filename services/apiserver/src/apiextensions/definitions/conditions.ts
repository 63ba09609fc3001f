import type { apiextensionsV1 } from "@tskube/api";
import { type ConditionLike, withCondition } from "@tskube/apimachinery";

export type Condition = apiextensionsV1.CustomResourceDefinitionCondition;
export type NewCondition = Omit<Condition, "lastTransitionTime" | "observedGeneration">;

export function isTrue(definition: apiextensionsV1.CustomResourceDefinition, type: string): boolean {
  return definition.status?.conditions.some((one) => one.type === type && one.status === "True") === true;
}

/** The conditions with this one in its place; the same list when nothing changes. */
export function setCondition(
  conditions: readonly Condition[],
  next: NewCondition,
  nowMs: number,
): readonly Condition[] {
  // The generated type lets fields be present and undefined, which nothing here distinguishes from absent.
  return withCondition(conditions as readonly ConditionLike[], next as ConditionLike, nowMs) as readonly Condition[];
}
