import type { admissionregistrationV1 } from "@tskube/api";
import { formatGroupVersionKind, type GroupVersionKind, parseGroupVersion } from "@tskube/apimachinery";
import { compile, type Environment, InvalidExpression, type Type } from "../../../cel/index.ts";
import { admissionEnvironment, withoutAuthorizer } from "../../cel/environment.ts";
import { composeVariables } from "../variables.ts";

/** A kind that a policy may be asked about. */
export interface TypedKind {
  readonly kind: GroupVersionKind;
  readonly type: Type;
}

export interface KindTypes {
  /** The kinds that rules name, without those whose types are not known. */
  of(rules: readonly admissionregistrationV1.NamedRuleWithOperations[]): readonly TypedKind[];
  ofKind(kind: GroupVersionKind): Type | undefined;
}

/** More are not looked at: the check is for help, and every kind is a compilation of every expression. */
const maxKinds = 10;

/** What of a policy's expressions does not fit the kinds that it is about. */
export function checkPolicy(
  { spec }: admissionregistrationV1.ValidatingAdmissionPolicy,
  types: KindTypes,
): admissionregistrationV1.ExpressionWarning[] {
  const kinds = types.of(spec.matchConstraints?.resourceRules ?? []).slice(0, maxKinds);
  const { paramKind } = spec;
  const { apiVersion = "", kind = "" } = paramKind ?? {};
  const paramsType = paramKind && types.ofKind({ ...parseGroupVersion(apiVersion), kind });
  const environments = kinds.map((one) => {
    const names = { objectType: one.type, hasParams: paramKind !== undefined, ...(paramsType && { paramsType }) };
    return { kind: one.kind, environment: composeVariables(spec.variables, admissionEnvironment(names)).environment };
  });
  const forMessages = environments.map((one) => ({ ...one, environment: withoutAuthorizer(one.environment) }));
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => {
    const path = `spec.validations[${index}]`;
    return [
      ...warnings(`${path}.expression`, expression, environments),
      ...(messageExpression ? warnings(`${path}.messageExpression`, messageExpression, forMessages) : []),
    ];
  });
}

interface KindEnvironment {
  readonly kind: GroupVersionKind;
  readonly environment: Environment;
}

function warnings(fieldRef: string, text: string, environments: readonly KindEnvironment[]) {
  const wrong = environments.flatMap(({ kind, environment }) => {
    const problem = problemOf(text, environment);
    return problem === undefined ? [] : [`${formatGroupVersionKind(kind)}: ${problem}\n`];
  });
  return wrong.length === 0 ? [] : [{ fieldRef, warning: wrong.join("") }];
}

function problemOf(text: string, environment: Environment): string | undefined {
  try {
    compile(text, environment);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidExpression) return error.message;
    throw error;
  }
}
