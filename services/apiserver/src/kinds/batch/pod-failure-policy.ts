import type { JobTemplateSpec } from "@tskube/api";
import { type FieldError, field, type Path, qualifiedNameErrors } from "@tskube/apimachinery";

type JobSpec = NonNullable<JobTemplateSpec["spec"]>;
type Rule = NonNullable<JobSpec["podFailurePolicy"]>["rules"][number];

const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];
const maxRules = 20;
const maxConditions = 20;
const maxExitCodes = 255;

/** Which failures of a job's pods count, and for what. */
export function validateFailurePolicy(spec: JobSpec, at: Path): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const rulesAt = at.child("rules");
  const containers = [...(spec.template.spec?.containers ?? []), ...(spec.template.spec?.initContainers ?? [])];
  const names = new Set(containers.map(({ name }) => name));
  const errors = rules.length > maxRules ? [field.tooMany(rulesAt, rules.length, maxRules)] : [];
  const canFailIndexes = spec.backoffLimitPerIndex !== undefined;
  return [
    ...errors,
    ...rules.flatMap((rule, index) => ruleErrors(rule, { names, canFailIndexes }, rulesAt.index(index))),
  ];
}

interface Around {
  readonly names: ReadonlySet<string>;
  readonly canFailIndexes: boolean;
}

function ruleErrors(rule: Rule, { names, canFailIndexes }: Around, at: Path): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const errors = choiceErrors(action, actions, at.child("action"));
  if (action === "FailIndex" && !canFailIndexes) {
    errors.push(field.invalid(at.child("action"), action, "requires the backoffLimitPerIndex to be set"));
  }
  if (onExitCodes) errors.push(...exitCodeErrors(onExitCodes, names, at.child("onExitCodes")));
  errors.push(...conditionErrors(onPodConditions, at.child("onPodConditions")));
  const unfit = (detail: string) => ({ ...field.invalid(at, "", detail), badValue: field.omitted });
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(unfit("specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(unfit("specifying one of OnExitCodes and OnPodConditions is required"));
  }
  return errors;
}

/** A word of few, which upstream lists as Go does when it is absent. */
function choiceErrors(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (!value) return [field.required(at, `valid values: [${allowed.map((one) => JSON.stringify(one)).join(" ")}]`)];
  return allowed.includes(value) ? [] : [field.notSupported(at, value, allowed)];
}

function exitCodeErrors(rule: NonNullable<Rule["onExitCodes"]>, names: ReadonlySet<string>, at: Path): FieldError[] {
  const { operator, containerName, values = [] } = rule;
  const valuesAt = at.child("values");
  const errors = choiceErrors(operator, operators, at.child("operator"));
  if (containerName !== undefined && !names.has(containerName)) {
    const detail = "must be one of the container or initContainer names in the pod template";
    errors.push(field.invalid(at.child("containerName"), containerName, detail));
  }
  if (values.length === 0) errors.push(field.invalid(valuesAt, values, "at least one value is required"));
  if (values.length > maxExitCodes) errors.push(field.tooMany(valuesAt, values.length, maxExitCodes));
  const seen = new Set<number>();
  for (const [index, value] of values.entries()) {
    if (operator === "In" && value === 0) {
      errors.push(field.invalid(valuesAt.index(index), value, "must not be 0 for the In operator"));
    }
    if (seen.has(value)) errors.push(field.duplicate(valuesAt.index(index), value));
    seen.add(value);
  }
  const isOrdered = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? value));
  if (!isOrdered) errors.push(field.invalid(valuesAt, values, "must be ordered"));
  return errors;
}

function conditionErrors(conditions: NonNullable<Rule["onPodConditions"]>, at: Path): FieldError[] {
  const errors = conditions.length > maxConditions ? [field.tooMany(at, conditions.length, maxConditions)] : [];
  return [
    ...errors,
    ...conditions.flatMap(({ type, status }, index) => [
      ...qualifiedNameErrors(type).map((message) => field.invalid(at.index(index).child("type"), type, message)),
      ...choiceErrors(status, statuses, at.index(index).child("status")),
    ]),
  ];
}
