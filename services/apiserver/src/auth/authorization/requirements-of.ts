import { parseFieldSelector, parseLabelSelector, type SelectorOperator } from "@tskube/apimachinery";

/** One condition of a selector, as reviews have it. */
export interface ReviewRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: string[];
}

/** Of a selector that cannot be parsed nothing is known: it then does not narrow what is asked. */
export function fieldRequirements(selector: string | undefined): ReviewRequirement[] {
  return parsed(selector, (text) =>
    parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === "!=" ? "NotIn" : "In",
      values: [value],
    })),
  );
}

const operators: Readonly<Partial<Record<SelectorOperator, string>>> = {
  "=": "In",
  "==": "In",
  in: "In",
  "!=": "NotIn",
  notin: "NotIn",
  exists: "Exists",
  "!": "DoesNotExist",
};

/** Comparisons of numbers have no operator in reviews and are left out. */
export function labelRequirements(selector: string | undefined): ReviewRequirement[] {
  return parsed(selector, (text) =>
    parseLabelSelector(text).requirements.flatMap(({ key, operator, values }) => {
      const known = operators[operator];
      if (!known) return [];
      return [{ key, operator: known, ...(values.length > 0 && { values: [...values] }) }];
    }),
  );
}

function parsed(selector: string | undefined, parse: (text: string) => ReviewRequirement[]): ReviewRequirement[] {
  if (!selector) return [];
  try {
    return parse(selector);
  } catch {
    return [];
  }
}
