import type { CelInput } from "@bufbuild/cel";
import type { apiextensionsV1 } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { At } from "../schema/path-at.ts";
import type { Schema } from "../schema/structure.ts";
import { type Budget, BudgetExceeded, compileExpression, type Program, visitExpr } from "./compile.ts";
import { optional } from "./libraries/optionals.ts";
import { undefinedFields } from "./undefined-fields.ts";

/** A value under a rule. */
export interface Checked {
  readonly self: CelInput;
  /** Absent for a value that is new. */
  readonly oldSelf: CelInput | undefined;
  readonly at: At;
  readonly budget: Budget;
}

export interface Rule {
  readonly index: number;
  readonly usesOldSelf: boolean;
  /** The rule is asked about new values too, and sees the old one as an optional. */
  readonly takesAbsentOld: boolean;
  readonly problems: readonly Problem[];
  check(value: Checked): FieldError | undefined;
}

export interface Problem {
  readonly part: "rule" | "messageExpression";
  readonly text: string;
  readonly error: unknown;
}

/** Compiles a rule for values of `schema`; what cannot be compiled is told in `problems`. */
export function compileRule(rule: apiextensionsV1.ValidationRule, index: number, schema: Schema): Rule {
  const problems: Problem[] = [];
  const compile = (part: Problem["part"], text: string): Program | undefined => {
    try {
      const program = compileExpression(text);
      const [unknown] = undefinedFields(program.expr, schema);
      if (unknown) throw new Error(`undefined field '${unknown}'`);
      return program;
    } catch (error) {
      problems.push({ part, text, error });
      return undefined;
    }
  };
  const program = compile("rule", rule.rule);
  const message = rule.messageExpression ? compile("messageExpression", rule.messageExpression) : undefined;
  const takesAbsentOld = rule.optionalOldSelf === true;
  const bindings = ({ self, oldSelf }: Checked) => {
    const old = takesAbsentOld ? optional(oldSelf) : oldSelf;
    return { self, ...(old !== undefined && { oldSelf: old }) };
  };
  const fail = (value: Checked, detail: string): FieldError => field.invalid(value.at, schema.type ?? "", detail);
  return {
    index,
    usesOldSelf: [program, message].some((one) => one !== undefined && mentions(one, "oldSelf")),
    takesAbsentOld,
    problems,
    check(value) {
      if (!program) return fail(value, `rule compile error: ${errorMessage(problems[0]?.error)}`);
      try {
        if (program.run(bindings(value), value.budget) === true) return undefined;
      } catch (error) {
        return fail(value, failureText(error, rule.rule));
      }
      return broken(rule, value, schema, messageOf(rule, message, value, bindings(value)));
    },
  };
}

function mentions(program: Program, name: string): boolean {
  let isFound = false;
  visitExpr(program.expr, ({ exprKind }) => {
    if (exprKind.case === "identExpr" && exprKind.value.name === name) isFound = true;
  });
  return isFound;
}

function failureText(error: unknown, rule: string): string {
  const shown = JSON.stringify(rule);
  const message = upstreamWords(errorMessage(error));
  if (error instanceof BudgetExceeded) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`;
  }
  if (message.startsWith("no such overload")) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`;
  }
  return `${message} evaluating rule: ${shown}`;
}

/** The evaluator's words for what users know under others. */
function upstreamWords(message: string): string {
  return message
    .replace(/^field not found: /, "no such key: ")
    .replace(/^found no matching overload.*$/s, "no such overload");
}

function messageOf(
  { message, rule }: apiextensionsV1.ValidationRule,
  expression: Program | undefined,
  { budget }: Checked,
  bindings: Readonly<Record<string, CelInput>>,
): string {
  if (expression) {
    try {
      const text = expression.run(bindings, budget);
      if (typeof text === "string" && text.trim() !== "" && !text.includes("\n")) return text.trim();
    } catch {
      // As upstream: a message that cannot be made falls back to the fixed one.
    }
  }
  return message || `failed rule: ${rule.trim()}`;
}

function broken(rule: apiextensionsV1.ValidationRule, { at }: Checked, schema: Schema, detail: string): FieldError {
  const path = rule.fieldPath ? below(at, rule.fieldPath) : at;
  switch (rule.reason) {
    case "FieldValueForbidden":
      return field.forbidden(path, detail);
    case "FieldValueRequired":
      return field.required(path, detail);
    case "FieldValueDuplicate":
      return field.duplicate(path, schema.type ?? "");
    default:
      return field.invalid(path, schema.type ?? "", detail);
  }
}

/** `.spec.names['a.b']` below a path. */
function below(at: At, fieldPath: string): Path {
  const steps = [...fieldPath.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)];
  let path = at;
  for (const [, name, key] of steps) {
    if (key !== undefined) path = path ? path.key(key) : Path.of(`[${key}]`);
    else path = path ? path.child(name ?? "") : Path.of(name ?? "");
  }
  return path ?? Path.of("");
}
