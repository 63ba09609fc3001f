import type { admissionregistrationV1 } from "@tskube/api";
import { compileOrFail, type Expression } from "../cel/expression.ts";
import { createMatchConditions } from "../cel/match-conditions.ts";
import { createMatcher, type MatchDeps, type Matcher } from "../matching/match-resources.ts";
import { createVariables, type WithVariables } from "./variables.ts";

export interface CompiledValidation {
  readonly source: admissionregistrationV1.Validation;
  readonly expression: Expression;
  readonly message: Expression | undefined;
}

/** A ValidatingAdmissionPolicy, ready to judge. */
export interface Policy {
  readonly name: string;
  readonly spec: admissionregistrationV1.ValidatingAdmissionPolicySpec;
  readonly ignoresFailure: boolean;
  readonly match: Matcher;
  readonly conditions: ReturnType<typeof createMatchConditions>;
  readonly withVariables: WithVariables;
  readonly validations: readonly CompiledValidation[];
  readonly auditAnnotations: readonly { readonly key: string; readonly expression: Expression }[];
}

export interface Binding {
  readonly name: string;
  readonly spec: admissionregistrationV1.ValidatingAdmissionPolicyBindingSpec;
  /** Narrows what the policy matches; absent when it leaves that as it is. */
  readonly match: Matcher | undefined;
}

export function compilePolicy(
  { metadata, spec }: admissionregistrationV1.ValidatingAdmissionPolicy,
  deps: MatchDeps,
): Policy {
  return {
    name: metadata.name,
    spec,
    ignoresFailure: spec.failurePolicy === "Ignore",
    match: matcherOf(spec.matchConstraints ?? {}, deps),
    conditions: createMatchConditions(spec.matchConditions),
    withVariables: createVariables(spec.variables),
    validations: (spec.validations ?? []).map((source) => ({
      source,
      expression: compileOrFail(source.expression),
      message: source.messageExpression ? compileOrFail(source.messageExpression) : undefined,
    })),
    auditAnnotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileOrFail(valueExpression),
    })),
  };
}

export function compileBinding(
  { metadata, spec }: admissionregistrationV1.ValidatingAdmissionPolicyBinding,
  deps: MatchDeps,
): Binding {
  return { name: metadata.name, spec, match: spec.matchResources && matcherOf(spec.matchResources, deps) };
}

const everyRule = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }];

function matcherOf(match: admissionregistrationV1.MatchResources, deps: MatchDeps): Matcher {
  const rules = match.resourceRules?.length ? match.resourceRules : everyRule;
  return createMatcher({ ...match, rules, excluded: match.excludeResourceRules ?? [] }, deps);
}
