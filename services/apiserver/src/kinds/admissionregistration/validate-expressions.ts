import type { admissionregistrationV1 } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { compileExpression } from "../../admission/cel/expression.ts";
import { composeVariables } from "../../admission/policies/variables.ts";
import type { Environment, Type } from "../../cel/index.ts";

/** What is wrong with an expression that must make a value of one of `types`; of any when there are none. */
export function expressionErrors(
  text: string,
  environment: Environment,
  types: readonly Type[],
  at: Path,
): FieldError[] {
  try {
    compileExpression(text, environment, types);
    return [];
  } catch (error) {
    return [field.invalid(at, text, errorMessage(error))];
  }
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const reserved = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** What is wrong with a policy's variables, of which each may use those before it. */
export function variableErrors(
  variables: readonly admissionregistrationV1.Variable[],
  environment: Environment,
  at: Path,
): FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const path = at.index(index);
    const errors: FieldError[] = [];
    if (!name?.trim()) errors.push(field.required(path.child("name"), "name is not specified"));
    else if (!identifier.test(name) || reserved.has(name)) {
      errors.push(field.invalid(path.child("name"), name, "name is not a valid CEL identifier"));
    }
    if (!expression?.trim())
      return [...errors, field.required(path.child("expression"), "expression is not specified")];
    const before = composeVariables(variables.slice(0, index), environment).environment;
    return [...errors, ...expressionErrors(expression, before, [], path.child("expression"))];
  });
}
