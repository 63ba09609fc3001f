import type { KubeObject, LabelSelector as LabelSelectorSpec, OwnerReference } from "@tskube/api";
import {
  controllerReference as anyControllerReference,
  type ConditionLike,
  controllerOf as controllerOfAny,
  type LabelSelector,
  type LabelSelectorLike,
  labelSelectorAsSelector,
  type NewCondition,
  type ObjectLike,
  withCondition as withAnyCondition,
} from "@tskube/apimachinery";

// The machinery's functions for the generated types, whose absent fields may also be undefined.

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return controllerOfAny(object as ObjectLike) as OwnerReference | undefined;
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function controllerReference(owner: KubeObject): OwnerReference {
  return { ...anyControllerReference(owner as ObjectLike) };
}

export function selectorFrom(selector: LabelSelectorSpec | undefined): LabelSelector {
  return labelSelectorAsSelector(selector as LabelSelectorLike | undefined);
}

/** A condition as every kind of the API has it. */
interface AnyCondition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string | undefined;
}

/** The list with `condition` in it; its transition time moves only when the status changes. The same list if nothing changes. */
export function withCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  condition: Omit<C, "lastTransitionTime">,
  nowMs: number,
): readonly C[] {
  const list = conditions as readonly ConditionLike[] | undefined;
  return withAnyCondition(list, condition as unknown as NewCondition<ConditionLike>, nowMs) as unknown as readonly C[];
}
