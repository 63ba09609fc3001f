import {
  createFieldSelector,
  createSelector,
  type FieldRequirement,
  type Requirement as LabelRequirement,
  labelValueErrors,
  qualifiedNameErrors,
  type SelectorOperator,
} from "@tskube/apimachinery";

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Field requirements as the text of a selector. Those that a selector cannot say (several values, no value) are left out: they narrow nothing then. */
export function formatFieldRequirements(requirements: readonly Requirement[] | undefined): string {
  return createFieldSelector((requirements ?? []).flatMap(fieldRequirement)).toString();
}

function fieldRequirement({ key, operator, values = [] }: Requirement): FieldRequirement[] {
  const [value] = values;
  if (value === undefined || values.length > 1 || !/^[\w.[\]-]+$/.test(key)) return [];
  if (operator === "In") return [{ field: key, operator: "=", value }];
  return operator === "NotIn" ? [{ field: key, operator: "!=", value }] : [];
}

const labelOperators: Readonly<Record<string, SelectorOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/** Label requirements as the text of a selector, but for those that are none. */
export function formatLabelRequirements(requirements: readonly Requirement[] | undefined): string {
  return createSelector((requirements ?? []).flatMap(labelRequirement)).toString();
}

function labelRequirement({ key, operator: name, values = [] }: Requirement): LabelRequirement[] {
  const operator = labelOperators[name];
  const areLabels =
    qualifiedNameErrors(key).length === 0 && values.every((value) => labelValueErrors(value).length === 0);
  return operator && areLabels ? [{ key, operator, values }] : [];
}
