import type { apiextensionsV1 } from "@tskube/api";
import { errorMessage } from "@tskube/base";
import { baseFunctions, celType, compile, type Program } from "../../cel/index.ts";
import type { Schema } from "../schema/structure.ts";
import { estimateCost } from "./cost/estimate-cost.ts";
import { type FieldStep, findField } from "./field-path.ts";
import type { SchemaType } from "./schema-type.ts";

type ValidationRule = apiextensionsV1.ValidationRule;

/** An expression of a rule, compiled. */
export interface Expression {
  /** Undefined when there is none, or it cannot be compiled. */
  readonly program: Program | undefined;
  /** Why it cannot be compiled. */
  readonly problem: string | undefined;
  readonly usesOldSelf: boolean;
  /** What evaluating it can cost at most. */
  readonly maxCost: number;
}

export interface Rule {
  readonly rule: ValidationRule;
  readonly condition: Expression;
  readonly message: Expression;
  /** The rule is about a change, rather than about a value. */
  readonly usesOldSelf: boolean;
  /** Where below the value its errors are. */
  readonly fieldPath: readonly FieldStep[];
}

const none: Expression = { program: undefined, problem: undefined, usesOldSelf: false, maxCost: 0 };

/** Compiles a rule for values of a schema, which are of type `self`. */
export function compileRule(rule: ValidationRule, schema: Schema, self: SchemaType): Rule {
  const oldSelf = rule.optionalOldSelf ? celType.optionalOf(self.type) : self.type;
  const environment = { functions: baseFunctions, variables: { self: self.type, oldSelf } };
  const expression = (text: string | undefined, isWanted: (program: Program) => string | undefined): Expression => {
    if (!text?.trim()) return none;
    try {
      const program = compile(text, environment);
      const problem = isWanted(program);
      if (problem) return { ...none, problem };
      return {
        program,
        problem,
        usesOldSelf: mentions(program, "oldSelf"),
        maxCost: estimateCost(program.checked, self),
      };
    } catch (error) {
      return { ...none, problem: errorMessage(error) };
    }
  };
  const condition = expression(rule.rule, ({ type }) =>
    type.kind === "bool" ? undefined : "cel expression must evaluate to a bool",
  );
  const message = expression(rule.messageExpression, ({ type }) =>
    type.kind === "string" ? undefined : "messageExpression must evaluate to a string",
  );
  return {
    rule,
    condition,
    message,
    usesOldSelf: condition.usesOldSelf || message.usesOldSelf,
    fieldPath: stepsOf(rule.fieldPath, schema),
  };
}

function stepsOf(path: string | undefined, schema: Schema): readonly FieldStep[] {
  if (!path) return [];
  try {
    return findField(path, schema).steps;
  } catch {
    // Validation of the definition has told of it.
    return [];
  }
}

function mentions({ checked }: Program, variable: string): boolean {
  return [...checked.facts.values()].some((fact) => fact.variable === variable);
}
