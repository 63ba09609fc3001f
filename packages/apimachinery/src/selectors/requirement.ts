import { type FieldError, invalid, notSupported } from "../validation/field-error.ts";
import { labelValueErrors, qualifiedNameErrors } from "../validation/names.ts";
import { Path } from "../validation/path.ts";

/** Operators of selector text. Gt and Lt compare whole numbers. */
export type SelectorOperator = "in" | "notin" | "=" | "==" | "!=" | "gt" | "lt" | "exists" | "!";

export const binaryOperators = ["in", "notin", "=", "==", "!=", "gt", "lt"] as const;
const unaryOperators = ["exists", "!"] as const;

export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** What is wrong with a requirement: its key, the number of its values, or the values themselves. */
export function requirementErrors({ key, operator, values }: Requirement, at?: Path): FieldError[] {
  const valuesAt = at ? at.child("values") : Path.of("values");
  return [
    ...labelKeyErrors(key, at ? at.child("key") : Path.of("key")),
    ...countErrors(operator, values, valuesAt, at),
    ...values.flatMap((value, i) => valueErrors(key, value, valuesAt.index(i))),
  ];
}

export function labelKeyErrors(key: string, at?: Path): FieldError[] {
  const errors = qualifiedNameErrors(key);
  return errors.length === 0 ? [] : [invalid(at, key, errors.join("; "))];
}

function valueErrors(key: string, value: string, at: Path): FieldError[] {
  const errors = labelValueErrors(value);
  return errors.length === 0 ? [] : [invalid(at.key(key), value, errors.join("; "))];
}

function countErrors(operator: string, values: readonly string[], valuesAt: Path, at?: Path): FieldError[] {
  const wrong = (detail: string) => [invalid(valuesAt, values, detail)];
  switch (operator) {
    case "in":
    case "notin":
      return values.length > 0 ? [] : wrong("for 'in', 'notin' operators, values set can't be empty");
    case "=":
    case "==":
    case "!=":
      return values.length === 1 ? [] : wrong("exact-match compatibility requires one single value");
    case "exists":
    case "!":
      return values.length === 0 ? [] : wrong("values set must be empty for exists and does not exist");
    case "gt":
    case "lt":
      return numberErrors(values, valuesAt);
    default: {
      const operatorAt = at ? at.child("operator") : Path.of("operator");
      return [notSupported(operatorAt, operator, [...binaryOperators, ...unaryOperators])];
    }
  }
}

function numberErrors(values: readonly string[], at: Path): FieldError[] {
  const errors =
    values.length === 1 ? [] : [invalid(at, values, "for 'Gt', 'Lt' operators, exactly one value is required")];
  const bad = values.flatMap((value, i) =>
    parseInt64(value) === undefined
      ? [invalid(at.index(i), value, "for 'Gt', 'Lt' operators, the value must be an integer")]
      : [],
  );
  return [...errors, ...bad];
}

const int64Limit = 2n ** 63n;

/** A decimal 64-bit integer, with an optional sign; anything else is undefined. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = text.startsWith("+") ? BigInt(text.slice(1)) : BigInt(text);
  return value >= -int64Limit && value < int64Limit ? value : undefined;
}

/** The requirement as selector text; values come sorted. */
export function formatRequirement({ key, operator, values }: Requirement): string {
  const joined = [...values].sort().join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${joined})`;
    case "gt":
      return `${key}>${joined}`;
    case "lt":
      return `${key}<${joined}`;
    default:
      return `${key}${operator}${joined}`;
  }
}

/** A test for one requirement, prepared once so that matching costs a lookup. */
export function compileRequirement({ key, operator, values }: Requirement): (labels: Labels) => boolean {
  const [first = ""] = values;
  const accepted = new Set(values);
  switch (operator) {
    case "=":
    case "==":
      return (labels) => labelValue(labels, key) === first;
    case "in":
      return (labels) => {
        const value = labelValue(labels, key);
        return value !== undefined && accepted.has(value);
      };
    case "!=":
    case "notin":
      return (labels) => {
        const value = labelValue(labels, key);
        return value === undefined || !accepted.has(value);
      };
    case "exists":
      return (labels) => labelValue(labels, key) !== undefined;
    case "!":
      return (labels) => labelValue(labels, key) === undefined;
    case "gt":
      return comparison(key, first, (found, limit) => found > limit);
    case "lt":
      return comparison(key, first, (found, limit) => found < limit);
  }
}

/** Own fields only: `constructor` is a possible label and no label of every object. */
function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function comparison(key: string, limitText: string, holds: (found: bigint, limit: bigint) => boolean) {
  const limit = parseInt64(limitText);
  return (labels: Labels) => {
    const value = labelValue(labels, key);
    const found = value === undefined ? undefined : parseInt64(value);
    return found !== undefined && limit !== undefined && holds(found, limit);
  };
}
