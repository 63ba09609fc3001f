import { aggregateMessage } from "../validation/field-error.ts";
import {
  compileRequirement,
  formatRequirement,
  type Labels,
  type Requirement,
  requirementErrors,
  type SelectorOperator,
} from "./requirement.ts";

/** A `metav1.LabelSelector`. */
export interface LabelSelectorLike {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?: readonly LabelSelectorRequirementLike[] | undefined;
}

export interface LabelSelectorRequirementLike {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** A compiled selector; immutable, so it may be kept and shared. */
export interface LabelSelector {
  /** Absent labels count as none. */
  matches(labels: Labels | undefined): boolean;
  /** True if every object matches. */
  readonly isEmpty: boolean;
  /** True if no object can match, because there was no selector at all. */
  readonly isNothing: boolean;
  /** Sorted by key; all must hold. */
  readonly requirements: readonly Requirement[];
  /** The one value that `key` must have, if the selector says so: for choosing an index. */
  exactValue(key: string): string | undefined;
  /** The selector as text that `parseLabelSelector` reads back. */
  toString(): string;
}

const noLabels: Labels = Object.freeze({});

/** Matches every object. */
export const everything: LabelSelector = createSelector([]);

/** Matches no object. */
export const nothing: LabelSelector = Object.freeze({
  matches: () => false,
  isEmpty: false,
  isNothing: true,
  requirements: [],
  exactValue: () => undefined,
  toString: () => "",
});

/** A selector of requirements that are known to be valid. */
export function createSelector(unsorted: readonly Requirement[]): LabelSelector {
  const requirements = unsorted.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const tests = requirements.map(compileRequirement);
  return {
    matches: (labels = noLabels) => tests.every((test) => test(labels)),
    isEmpty: requirements.length === 0,
    isNothing: false,
    requirements,
    exactValue: (key) => exactValue(requirements, key),
    toString: () => requirements.map(formatRequirement).join(","),
  };
}

const exactOperators: ReadonlySet<SelectorOperator> = new Set<SelectorOperator>(["=", "==", "in"]);

function exactValue(requirements: readonly Requirement[], key: string): string | undefined {
  const found = requirements.find((requirement) => requirement.key === key);
  return found && exactOperators.has(found.operator) && found.values.length === 1 ? found.values[0] : undefined;
}

const operators: Readonly<Record<string, SelectorOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/**
 * Compiles a `metav1.LabelSelector`: an absent one matches nothing, an empty one everything.
 * Throws a plain error on invalid operators, keys or values.
 */
export function labelSelectorAsSelector(selector: LabelSelectorLike | undefined): LabelSelector {
  if (!selector) return nothing;
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
    valid({ key, operator: "=", values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (!known) throw new Error(`${JSON.stringify(operator)} is not a valid label selector operator`);
    return valid({ key, operator: known, values });
  });
  return exact.length + expressions.length === 0 ? everything : createSelector([...exact, ...expressions]);
}

function valid(requirement: Requirement): Requirement {
  const errors = requirementErrors(requirement);
  if (errors.length > 0) throw new Error(aggregateMessage(errors));
  return requirement;
}

/** A selector for exactly these labels, as in a Service's or ReplicationController's spec; no labels match everything. */
export function selectorFromLabels(labels: Labels | undefined): LabelSelector {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return everything;
  return createSelector(entries.map(([key, value]) => ({ key, operator: "=", values: [value] })));
}
