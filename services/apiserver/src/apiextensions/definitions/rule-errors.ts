import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { expressionLimit, overBudget, schemaLimit } from "../cel/cost/budget-message.ts";
import { maxCost } from "../cel/cost/estimate.ts";
import { compileRule, type Rule } from "../cel/rule.ts";
import { maxRequestBytes, schemaType } from "../cel/schema-type.ts";
import { isEmbeddedResource, type Schema } from "../schema/structure.ts";

/** What decides about the rules of a node beside the node itself. */
export interface RuleContext {
  readonly costs: RuleCosts;
  /** How many values of the node an object can have; undefined for as many as fit into a request. */
  readonly cardinality: number | undefined;
  /** The list within which values cannot be found again in what was there before. */
  readonly noOldSelf: Path | undefined;
  readonly isUnchanged: boolean;
}

/** How many of the most expensive rules are named when all together are too expensive. */
const named = 4;

/** Adds up what the rules of a schema cost. */
export class RuleCosts {
  #total = 0;
  readonly #expensive: { readonly path: Path; readonly cost: number }[] = [];

  add(path: Path, cost: number): void {
    this.#total = Math.min(this.#total + cost, maxCost);
    if (cost < schemaLimit / 10) return;
    this.#expensive.push({ path, cost });
    this.#expensive.sort((a, b) => b.cost - a.cost);
    this.#expensive.splice(named);
  }

  errors(at: Path): FieldError[] {
    if (this.#total <= schemaLimit) return [];
    const detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    return [
      ...this.#expensive.map(({ path }) => field.forbidden(path, detail)),
      field.forbidden(at, overBudget(what, this.#total, schemaLimit)),
    ];
  }
}

/** What is wrong with the expressions of a node's rules: those that do not compile, and those that may cost too much. */
export function ruleErrors(schema: Schema, at: Path, isRoot: boolean, context: RuleContext): FieldError[] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  if (rules.length === 0) return [];
  const type = schemaType(schema, isRoot || isEmbeddedResource(schema));
  const path = at.child("x-kubernetes-validations");
  if (!type) {
    const reason = `rule declared on schema that does not support validation rules type: '${schema.type ?? ""}' x-kubernetes-preserve-unknown-fields: '${schema["x-kubernetes-preserve-unknown-fields"] === true}'`;
    return [field.internal(path, new Error(reason))];
  }
  // At least a comma stands between two values.
  const times = context.cardinality ?? Math.floor(maxRequestBytes / (type.minSize + 1));
  return rules.flatMap((rule, index) =>
    expressionErrors(compileRule(rule, schema, type), path.index(index), times, context),
  );
}

function expressionErrors(compiled: Rule, at: Path, times: number, context: RuleContext): FieldError[] {
  const { rule, condition, message } = compiled;
  const errors: FieldError[] = [];
  const count = (path: Path, what: string, cost: number) => {
    if (!context.isUnchanged && cost > expressionLimit) {
      errors.push(field.forbidden(path, overBudget(what, cost, expressionLimit)));
    }
    context.costs.add(path, cost);
  };
  const [rulePath, messagePath] = [at.child("rule"), at.child("messageExpression")];
  count(rulePath, "estimated rule cost", Math.min(condition.maxCost * times, maxCost));
  if (condition.problem) errors.push(field.invalid(rulePath, rule, compileProblem(condition.problem)));
  if (message.problem)
    errors.push(field.invalid(messagePath, rule, compileProblem(message.problem, "messageExpression ")));
  else if (message.program) count(messagePath, "estimated messageExpression cost", message.maxCost);
  if (compiled.usesOldSelf && context.noOldSelf) {
    const where = context.noOldSelf.toString();
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${where}`;
    errors.push(field.invalid(rulePath, rule.rule, detail));
  }
  if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
    const detail = "may not be set if oldSelf is not used in rule";
    errors.push(field.invalid(at.child("optionalOldSelf"), rule.optionalOldSelf, detail));
  }
  return errors;
}

/** Syntax and types are problems of compilation; an expression of the wrong kind is told as it is. */
function compileProblem(problem: string, what = ""): string {
  return problem.startsWith("ERROR:") ? `${what}compilation failed: ${problem}` : problem;
}
