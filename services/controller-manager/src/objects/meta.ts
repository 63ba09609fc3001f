import type { KubeObject, LabelSelector as LabelSelectorSpec, OwnerReference } from "@tskube/api";
import {
  controllerReference as anyControllerReference,
  type ConditionLike,
  type LabelSelector,
  labelSelectorAsSelector,
  type NewCondition,
  withCondition as withAnyCondition,
} from "@tskube/apimachinery";

export { controllerOf, isControlledBy } from "@tskube/apimachinery";

/** A reference as objects to be written have it. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return { ...anyControllerReference(owner) };
}

export function selectorFrom(selector: LabelSelectorSpec | undefined): LabelSelector {
  return labelSelectorAsSelector(selector);
}

/** The list with `condition` in it; its transition time moves only when the status changes. The same list if nothing changes. */
export function withCondition<C extends ConditionLike>(
  conditions: readonly C[] | undefined,
  condition: Omit<C, "lastTransitionTime">,
  nowMs: number,
): readonly C[] {
  return withAnyCondition<C>(conditions, condition as NewCondition<C>, nowMs);
}
