import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { structuralErrors } from "../schema/structural-errors.ts";
import { isEmbeddedResource, itemsOf, type Schema } from "../schema/structure.ts";
import { patternErrors } from "./pattern-errors.ts";
import { type RuleContext, RuleCosts, ruleErrors } from "./rule-errors.ts";
import { validateDefaults } from "./validate-defaults.ts";
import { extensionErrors } from "./validate-extensions.ts";
import { ruleFormErrors } from "./validate-rule-forms.ts";

/** Where in a schema a node stands, as far as that decides what it may say. */
interface Context {
  readonly isRoot: boolean;
  /** The node describes metadata, kind or version of a resource. */
  readonly isInsideMeta: boolean;
  /** Why there may be no defaults. */
  readonly noDefaults: string | undefined;
  /** Undefined where no rules are looked at: in junctors, and in schemas that are wrong anyway. */
  readonly rules: RuleContext | undefined;
}

interface Found {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

export interface SchemaChecks {
  readonly hasStatus: boolean;
  /** The schema is as it was: what its rules may cost is not held against it again. */
  readonly isUnchanged: boolean;
}

/** Everything that is wrong with the schema of a version. */
export function validateSchema(schema: Schema, at: Path, { hasStatus, isUnchanged }: SchemaChecks): FieldError[] {
  const errors = hasStatus ? statusRootErrors(schema, at) : [];
  if (schema.nullable) errors.push(field.forbidden(at.child("nullable"), "nullable cannot be true at the root"));
  const shape = [...structuralErrors(schema, at), ...patternErrors(schema, at)];
  if (shape.length === 0) shape.push(...validateDefaults(schema, at));
  const costs = new RuleCosts();
  const rules = { costs, cardinality: 1, noOldSelf: undefined, isUnchanged };
  const context: Context = {
    isRoot: true,
    isInsideMeta: false,
    noDefaults: undefined,
    rules: shape.length === 0 ? rules : undefined,
  };
  const found: Found = { schema: [], rules: [] };
  visit(found, schema, at, context);
  return [...errors, ...shape, ...found.schema, ...found.rules, ...(shape.length === 0 ? costs.errors(at) : [])];
}

/** Fields whose validation is not lost when the status is validated alone. */
const besideStatus: ReadonlySet<string> = new Set(
  "description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems multipleOf required items properties externalDocs example x-kubernetes-preserve-unknown-fields x-kubernetes-validations".split(
    " ",
  ),
);

const besideStatusShown =
  "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]";

function statusRootErrors(schema: Schema, at: Path): FieldError[] {
  if (schema.type && schema.type !== "object") {
    const detail = `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`;
    return [field.invalid(at.child("type"), schema.type, detail)];
  }
  const other = Object.entries(schema).find(([name, value]) => value !== undefined && !besideStatus.has(name));
  if (!other) return [];
  const detail = `only ${besideStatusShown} fields are allowed at the root of the schema if the status subresource is enabled`;
  return [field.invalid(at, schema, detail)];
}

const metaFields: ReadonlySet<string> = new Set(["metadata", "kind", "apiVersion"]);

function visit(found: Found, schema: Schema, at: Path, context: Context): void {
  const before = found.schema.length;
  found.schema.push(...standardErrors(schema, at, context));
  visitStructure(found, schema, at, { ...context, isRoot: false }, context.isRoot);
  visitJunctors(found, schema, at, { ...context, isRoot: false, rules: undefined });
  found.schema.push(...extensionErrors(schema, at), ...ruleFormErrors(schema, at));
  const { rules } = context;
  // Types of expressions come from the schema: of one that is wrong they would say what nobody understands.
  if (rules && found.schema.length === before) found.rules.push(...ruleErrors(schema, at, context.isRoot, rules));
}

function visitStructure(found: Found, schema: Schema, at: Path, below: Context, isRoot: boolean): void {
  const { additionalProperties, properties } = schema;
  if (typeof additionalProperties === "object") {
    const noDefaults = below.isInsideMeta
      ? "inside additionalProperties applying to object metadata"
      : below.noDefaults;
    const rules = below.rules && multiplied(below.rules, schema.maxProperties);
    visit(found, additionalProperties, at.child("additionalProperties"), { ...below, noDefaults, rules });
  }
  for (const [name, child] of Object.entries(properties ?? {})) {
    const isMeta = (isRoot || isEmbeddedResource(schema)) && metaFields.has(name);
    visit(found, child, at.child("properties").key(name), {
      ...below,
      isInsideMeta: below.isInsideMeta || isMeta,
      noDefaults: isMeta && isRoot ? `in top-level ${name}` : below.noDefaults,
    });
  }
  const items = itemsOf(schema);
  if (items) visit(found, items, at.child("items"), { ...below, rules: itemRules(schema, at, below.rules) });
}

/** Only items of lists of type map can be found again in the list's former value. */
function itemRules(schema: Schema, at: Path, rules: RuleContext | undefined): RuleContext | undefined {
  if (!rules) return undefined;
  const isCorrelatable = schema["x-kubernetes-list-type"] === "map";
  return { ...multiplied(rules, schema.maxItems), noOldSelf: rules.noOldSelf ?? (isCorrelatable ? undefined : at) };
}

/** Undefined stands for as many as fit into a request. */
function multiplied(rules: RuleContext, most: number | undefined): RuleContext {
  const { cardinality } = rules;
  const isBounded = cardinality !== undefined && most !== undefined;
  return { ...rules, cardinality: isBounded ? cardinality * Math.max(most, 0) : undefined };
}

function visitJunctors(found: Found, schema: Schema, at: Path, context: Context): void {
  if (schema.not) visit(found, schema.not, at.child("not"), context);
  for (const name of ["allOf", "oneOf", "anyOf"] as const) {
    for (const [index, part] of (schema[name] ?? []).entries())
      visit(found, part, at.child(name).index(index), context);
  }
}

const types = ["array", "boolean", "integer", "number", "object", "string"];

const unsupported = {
  id: "id is not supported",
  additionalItems: "additionalItems is not supported",
  patternProperties: "patternProperties is not supported",
  definitions: "definitions is not supported",
  dependencies: "dependencies is not supported",
  $ref: "$ref is not supported",
} as const;

/** What no node may say, wherever it stands. */
function standardErrors(schema: Schema, at: Path, { isInsideMeta, noDefaults }: Context): FieldError[] {
  const errors: FieldError[] = [];
  const { type, additionalProperties } = schema;
  if (type && !types.includes(type)) errors.push(field.notSupported(at.child("type"), type, types));
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(field.forbidden(at.child("default"), `must not be set ${noDefaults}`));
  }
  for (const [name, detail] of Object.entries(unsupported)) {
    if (schema[name as keyof typeof unsupported] !== undefined) errors.push(field.forbidden(at.child(name), detail));
  }
  if (type === "null") {
    errors.push(field.forbidden(at.child("type"), "type cannot be set to null, use nullable as an alternative"));
  }
  if (Array.isArray(schema.items)) {
    errors.push(field.forbidden(at.child("items"), "items must be a schema object and not an array"));
  }
  if (isInsideMeta && isEmbeddedResource(schema)) {
    const path = at.child("x-kubernetes-embedded-resource");
    errors.push(field.forbidden(path, "must not be used inside of resource meta"));
  }
  if (schema.uniqueItems) {
    const detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(field.forbidden(at.child("uniqueItems"), detail));
  }
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (hasProperties && additionalProperties !== undefined && additionalProperties !== true) {
    const detail = "additionalProperties and properties are mutual exclusive";
    errors.push(field.forbidden(at.child("additionalProperties"), detail));
  }
  return errors;
}
