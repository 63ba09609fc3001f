import type { JobTemplateSpec } from "@tskube/api";
import { type FieldError, field, nonNegativeErrors, type Path } from "@tskube/apimachinery";

type JobSpec = NonNullable<JobTemplateSpec["spec"]>;
type Rule = NonNullable<JobSpec["successPolicy"]>["rules"][number];

const maxRules = 20;
const maxIndexesLength = 64 * 1024;

/** When an indexed job is done before all of its indexes are. */
export function validateSuccessPolicy(spec: JobSpec, at: Path): FieldError[] {
  if (spec.completionMode !== "Indexed")
    return [field.invalid(at, spec.successPolicy, "requires indexed completion mode")];
  const rules = spec.successPolicy?.rules ?? [];
  const rulesAt = at.child("rules");
  if (rules.length === 0) {
    return [field.required(rulesAt, "at least one rules must be specified when the successPolicy is specified")];
  }
  const errors = rules.length > maxRules ? [field.tooMany(rulesAt, rules.length, maxRules)] : [];
  return [...errors, ...rules.flatMap((rule, index) => ruleErrors(rule, spec.completions ?? 0, rulesAt.index(index)))];
}

function ruleErrors({ succeededCount: count, succeededIndexes: indexes }: Rule, completions: number, at: Path) {
  if (count === undefined && indexes === undefined) {
    return [field.required(at, "at least one of succeededCount or succeededIndexes must be specified")];
  }
  const errors: FieldError[] = [];
  let most: number | undefined;
  if (indexes !== undefined) {
    const path = at.child("succeededIndexes");
    const parsed = countIndexes(indexes, completions);
    if (indexes.length > maxIndexesLength) errors.push(field.tooLong(path, maxIndexesLength));
    if (typeof parsed === "number") most = parsed;
    else errors.push(field.invalid(path, indexes, `error parsing succeededIndexes: ${parsed}`));
  }
  return count === undefined
    ? errors
    : [...errors, ...countErrors(count, completions, most, at.child("succeededCount"))];
}

function countErrors(count: number, completions: number, most: number | undefined, at: Path): FieldError[] {
  const errors = nonNegativeErrors(count, at);
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(field.invalid(at, count, detail));
  }
  if (most !== undefined && count > most) {
    const detail = `must be less than or equal to ${most} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(field.invalid(at, count, detail));
  }
  return errors;
}

/** How many indexes a text such as `1,3-5` names, or why it names none. */
function countIndexes(text: string, completions: number): number | string {
  if (text === "") return 0;
  let last = -1;
  let total = 0;
  for (const part of text.split(",")) {
    const bounds = part.split("-");
    if (bounds.length > 2)
      return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`;
    const numbers = bounds.map((bound) => (/^[0-9]+$/.test(bound) ? Number(bound) : Number.NaN));
    const bad = bounds[numbers.findIndex((one) => Number.isNaN(one))];
    if (bad !== undefined) return `cannot convert string to integer for index: ${JSON.stringify(bad)}`;
    const [first = 0, end = first] = numbers;
    const tooLarge = numbers.find((one) => one >= completions);
    if (tooLarge !== undefined) return `too large index: ${JSON.stringify(String(tooLarge))}`;
    if (bounds.length === 2 && first >= end) return `non-increasing order, previous: ${first}, current: ${end}`;
    if (first <= last) return `non-increasing order, previous: ${last}, current: ${first}`;
    total += end - first + 1;
    last = end;
  }
  return total;
}
