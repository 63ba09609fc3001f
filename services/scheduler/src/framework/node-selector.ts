import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "@tskube/api";
import { createSelector, type LabelSelector, type Requirement, type SelectorOperator } from "@tskube/apimachinery";
import { labelsOf, type NodeInfo } from "./node-info.ts";

/** A node selector term, compiled. */
export interface NodeTerm {
  matches(node: NodeInfo): boolean;
  /** The only names that the term leaves, if it says so by `metadata.name`. */
  readonly names: ReadonlySet<string> | undefined;
}

const operators: Readonly<Record<string, SelectorOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
  Gt: "gt",
  Lt: "lt",
};

/** Terms are alternatives; a term without any condition matches no node. */
export function compileNodeSelector({ nodeSelectorTerms }: NodeSelector): NodeTerm[] {
  return (nodeSelectorTerms ?? []).map(compileNodeTerm);
}

export function compileNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): NodeTerm {
  const labels = compileLabels(matchExpressions);
  const fields = matchFields.map(compileField);
  const isEmpty = matchExpressions.length === 0 && matchFields.length === 0;
  return {
    names: namesOf(matchFields),
    matches: (node) =>
      !isEmpty && labels !== undefined && fields.every((test) => test(node.name)) && labels.matches(labelsOf(node)),
  };
}

/** Absent when an operator is unknown: such a term matches nothing. */
function compileLabels(expressions: readonly NodeSelectorRequirement[]): LabelSelector | undefined {
  const requirements: Requirement[] = [];
  for (const { key, operator, values = [] } of expressions) {
    const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (!known) return undefined;
    requirements.push({ key, operator: known, values });
  }
  return createSelector(requirements);
}

function compileField({ key, operator, values = [] }: NodeSelectorRequirement): (nodeName: string) => boolean {
  if (key !== "metadata.name") return () => false;
  const isWanted = operator === "In";
  return (nodeName) => values.includes(nodeName) === isWanted;
}

function namesOf(fields: readonly NodeSelectorRequirement[]): ReadonlySet<string> | undefined {
  let names: string[] | undefined;
  for (const { key, operator, values = [] } of fields) {
    if (key !== "metadata.name" || operator !== "In") continue;
    names = names ? names.filter((name) => values.includes(name)) : values;
  }
  return names && new Set(names);
}
