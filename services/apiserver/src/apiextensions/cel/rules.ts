import { deepEqual, type FieldError, field, type Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { oldItemFinder } from "../schema/old-items.ts";
import { type At, childAt, indexAt, keyAt } from "../schema/path-at.ts";
import { isMap, itemsOf, type Schema, valuesOf } from "../schema/structure.ts";
import { Budget } from "./compile.ts";
import { compileRule, type Rule } from "./rule.ts";
import { toCelInput } from "./values.ts";

/** The rules of a schema (`x-kubernetes-validations`), compiled once. */
export interface Rules {
  /** What the rules find wrong; `old` is what is being replaced. */
  check(object: object, old?: object): FieldError[];
  /** Rules that cannot be compiled, under the schema's own path. */
  errors(at: Path): FieldError[];
}

interface Node {
  readonly schema: Schema;
  readonly rules: readonly Rule[];
  readonly properties: ReadonlyMap<string, Node>;
  readonly items: Node | undefined;
  readonly values: Node | undefined;
}

/** Loop steps that the rules of one object may take together. */
const objectLimit = 10_000_000;

export function createRules(schema: Schema): Rules {
  const root = compileNode(withObjectFields(schema));
  return {
    check(object, old) {
      if (!root) return [];
      const errors: FieldError[] = [];
      walk({ errors, budget: new Budget(objectLimit) }, root, object, old, undefined);
      return errors;
    },
    errors: (at) => (root ? compileErrors(root, at) : []),
  };
}

/** Rules at the root see the kind, version and name of the object whether the schema lists them or not. */
function withObjectFields(schema: Schema): Schema {
  const text: Schema = { type: "string" };
  const metadata: Schema = { type: "object", properties: { name: text, generateName: text } };
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } };
}

/** Undefined where neither the schema nor anything below has rules. */
function compileNode(schema: Schema): Node | undefined {
  const rules = (schema["x-kubernetes-validations"] ?? []).map((rule, index) => compileRule(rule, index, schema));
  const properties = new Map<string, Node>();
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const node = compileNode(child);
    if (node) properties.set(name, node);
  }
  const [items, values] = [itemsOf(schema), valuesOf(schema)].map((child) => child && compileNode(child));
  if (rules.length === 0 && properties.size === 0 && !items && !values) return undefined;
  return { schema, rules, properties, items, values };
}

interface Run {
  readonly errors: FieldError[];
  readonly budget: Budget;
}

function walk(run: Run, node: Node, value: unknown, old: unknown, at: At): void {
  if (value === undefined || value === null || run.budget.isSpent) return;
  if (node.rules.length > 0) checkRules(run, node, value, old, at);
  if (Array.isArray(value)) {
    const { items } = node;
    if (!items) return;
    const oldItem = oldItemFinder(node.schema, old);
    for (const [index, item] of value.entries()) walk(run, items, item, oldItem(item), indexAt(at, index));
  } else if (isMap(value)) {
    for (const name of Object.keys(value)) {
      const child = node.properties.get(name) ?? node.values;
      const before = isMap(old) && Object.hasOwn(old, name) ? old[name] : undefined;
      if (child) walk(run, child, value[name], before, node.properties.has(name) ? childAt(at, name) : keyAt(at, name));
    }
  }
}

function checkRules({ errors, budget }: Run, { rules, schema }: Node, value: unknown, old: unknown, at: At): void {
  // What stays as it was is not held against an update, except by rules about the change itself.
  const isUnchanged = at !== undefined && old !== undefined && deepEqual(value, old);
  const self = toCelInput(value, schema);
  const oldSelf = old === undefined || old === null ? undefined : toCelInput(old, schema);
  for (const rule of rules) {
    if (isUnchanged && !rule.usesOldSelf) continue;
    if (rule.usesOldSelf && oldSelf === undefined && !rule.takesAbsentOld) continue;
    const error = rule.check({ self, oldSelf, at, budget });
    if (error) errors.push(error);
    if (!budget.isSpent) continue;
    const message = "validation failed due to running out of cost budget, no further validation rules will be run";
    errors.push(field.invalid(at, schema.type ?? "", message));
    return;
  }
}

function compileErrors(node: Node, at: Path): FieldError[] {
  const own = node.rules.flatMap((rule) => {
    const path = at.child("x-kubernetes-validations").index(rule.index);
    return rule.problems.map(({ part, text, error }) =>
      field.invalid(path.child(part), text, `compilation failed: ${errorMessage(error)}`),
    );
  });
  const below = [...node.properties].flatMap(([name, child]) => compileErrors(child, at.child("properties").key(name)));
  const items = node.items ? compileErrors(node.items, at.child("items")) : [];
  const values = node.values ? compileErrors(node.values, at.child("additionalProperties")) : [];
  return [...own, ...below, ...items, ...values];
}
