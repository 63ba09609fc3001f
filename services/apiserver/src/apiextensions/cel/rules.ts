import { deepEqual, type FieldError, field } from "@tskube/apimachinery";
import { fromJson, Optional, type Value, type Variables } from "../../cel/index.ts";
import { oldItemFinder } from "../schema/old-items.ts";
import { type At, childAt, indexAt, keyAt } from "../schema/path-at.ts";
import { isEmbeddedResource, isMap, itemsOf, type Schema } from "../schema/structure.ts";
import { type Budget, checkRule, objectBudget, outOfBudget } from "./check-rule.ts";
import { compileRule, type Rule } from "./rule.ts";
import { type SchemaType, schemaType } from "./schema-type.ts";

/** What the rules of a schema find. */
export interface Findings {
  readonly errors: readonly FieldError[];
  /** Errors of parts that an update left as they were: the client is told, but not refused. */
  readonly warnings: readonly FieldError[];
}

/** The rules of a schema (`x-kubernetes-validations`), compiled once. */
export interface Rules {
  /** What the rules find wrong; `old` is what is being replaced. */
  check(object: object, old?: object): Findings;
}

interface Node {
  readonly schema: Schema;
  readonly type: SchemaType;
  readonly rules: readonly Rule[];
  readonly properties: ReadonlyMap<string, Node>;
  readonly items: Node | undefined;
  readonly values: Node | undefined;
}

export function createRules(schema: Schema, isResourceRoot = true): Rules {
  const type = hasRules(schema) ? schemaType(schema, isResourceRoot) : undefined;
  const root = type && compileNode(schema, type);
  return {
    check(object, old) {
      const run: Run = { errors: [], warnings: [], budget: { left: objectBudget } };
      if (root) walk(run, root, { value: object, old, at: undefined, isSame: false });
      return run;
    },
  };
}

/** Whether a schema or anything below it has rules. */
export function hasRules(schema: Schema): boolean {
  if (schema["x-kubernetes-validations"]?.length) return true;
  const { additionalProperties } = schema;
  const items = itemsOf(schema);
  return (
    (items !== undefined && hasRules(items)) ||
    (typeof additionalProperties === "object" && hasRules(additionalProperties)) ||
    Object.values(schema.properties ?? {}).some(hasRules)
  );
}

/** Undefined where neither the schema nor anything below has rules. */
function compileNode(schema: Schema, type: SchemaType): Node | undefined {
  const rules = (schema["x-kubernetes-validations"] ?? []).map((rule) => compileRule(rule, schema, type));
  const properties = new Map<string, Node>();
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const node = compileBelow(child);
    if (node) properties.set(name, node);
  }
  const { additionalProperties } = schema;
  const itemSchema = itemsOf(schema);
  const items = itemSchema && compileBelow(itemSchema);
  const values = typeof additionalProperties === "object" ? compileBelow(additionalProperties) : undefined;
  if (rules.length === 0 && properties.size === 0 && !items && !values) return undefined;
  return { schema, type, rules, properties, items, values };
}

function compileBelow(schema: Schema): Node | undefined {
  const type = hasRules(schema) ? schemaType(schema, isEmbeddedResource(schema)) : undefined;
  return type && compileNode(schema, type);
}

interface Run {
  readonly errors: FieldError[];
  readonly warnings: FieldError[];
  readonly budget: Budget;
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly at: At;
  /** Whether the value, or what it is part of, stays as it was. */
  readonly isSame: boolean;
}

function walk(run: Run, node: Node, place: Place): void {
  const { value, old, at } = place;
  if (value === undefined || value === null || run.budget.left < 0) return;
  const isSame = place.isSame || (old !== undefined && deepEqual(value, old));
  if (node.rules.length > 0) checkRules(run, node, { ...place, isSame });
  if (Array.isArray(value)) {
    const { items } = node;
    if (!items) return;
    const oldItem = oldItemFinder(node.schema, old);
    for (const [index, item] of value.entries()) {
      walk(run, items, { value: item, old: oldItem(item), at: indexAt(at, index), isSame });
    }
  } else if (isMap(value)) {
    for (const name of Object.keys(value)) {
      const child = node.properties.get(name) ?? node.values;
      if (!child) continue;
      const before = isMap(old) && Object.hasOwn(old, name) ? old[name] : undefined;
      const path = node.properties.has(name) ? childAt(at, name) : keyAt(at, name);
      walk(run, child, { value: value[name], old: before, at: path, isSame });
    }
  }
}

function checkRules(run: Run, { rules, schema, type }: Node, { value, old, at, isSame }: Place): void {
  if (run.budget.left <= 0) {
    run.errors.push(field.invalid(at, schema.type ?? "", outOfBudget));
    run.budget.left = -1;
    return;
  }
  const self = fromJson(value, type.type);
  const oldSelf = old === undefined || old === null ? undefined : fromJson(old, type.type);
  for (const rule of rules) {
    if (rule.usesOldSelf && oldSelf === undefined && !rule.rule.optionalOldSelf) continue;
    const variables = variablesOf(self, rule.rule.optionalOldSelf ? new Optional(oldSelf) : oldSelf);
    const error = checkRule(rule, { variables, at, schema, budget: run.budget });
    if (error) (isSame && !rule.usesOldSelf ? run.warnings : run.errors).push(error);
    if (run.budget.left < 0) return;
  }
}

function variablesOf(self: Value, oldSelf: Value | undefined): Variables {
  return (name) => (name === "self" ? self : name === "oldSelf" ? oldSelf : undefined);
}
