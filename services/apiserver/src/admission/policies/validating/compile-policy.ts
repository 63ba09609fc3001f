import type { admissionregistrationV1 } from "@tskube/api";
import { celType as t } from "../../../cel/index.ts";
import { admissionEnvironment, withoutAuthorizer } from "../../cel/environment.ts";
import { compileOrFail, type Expression } from "../../cel/expression.ts";
import { createMatchConditions, type MatchConditions } from "../../cel/match-conditions.ts";
import type { MatchDeps, Matcher } from "../../matching/match-resources.ts";
import { matcherOf } from "../bindings.ts";
import { composeVariables, type Variables } from "../variables.ts";

export interface CompiledValidation {
  readonly source: admissionregistrationV1.Validation;
  readonly expression: Expression;
  readonly message: Expression | undefined;
}

/** A ValidatingAdmissionPolicy, ready to judge. */
export interface ValidatingPolicy {
  readonly name: string;
  readonly paramKind: admissionregistrationV1.ParamKind | undefined;
  readonly ignoresFailure: boolean;
  readonly match: Matcher;
  readonly conditions: MatchConditions;
  readonly variables: Variables;
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly expression: Expression }[];
}

export function compileValidatingPolicy(
  { metadata, spec }: admissionregistrationV1.ValidatingAdmissionPolicy,
  deps: MatchDeps,
): ValidatingPolicy {
  const environment = admissionEnvironment({ hasParams: spec.paramKind !== undefined });
  const variables = composeVariables(spec.variables, environment);
  const forMessages = withoutAuthorizer(variables.environment);
  return {
    name: metadata.name,
    paramKind: spec.paramKind,
    ignoresFailure: spec.failurePolicy === "Ignore",
    match: matcherOf(spec.matchConstraints ?? {}, deps),
    conditions: createMatchConditions(spec.matchConditions, environment),
    variables,
    validations: (spec.validations ?? []).map((source) => ({
      source,
      expression: compileOrFail(source.expression, variables.environment, [t.BOOL]),
      message: source.messageExpression ? compileOrFail(source.messageExpression, forMessages, [t.STRING]) : undefined,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileOrFail(valueExpression, variables.environment, [t.STRING, t.NULL]),
    })),
  };
}
