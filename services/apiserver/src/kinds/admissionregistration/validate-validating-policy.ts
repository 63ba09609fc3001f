import type { admissionregistrationV1 } from "@tskube/api";
import { deepEqual, type FieldError, field, Path, qualifiedNameErrors, validateConditions } from "@tskube/apimachinery";
import { admissionEnvironment, withoutAuthorizer } from "../../admission/cel/environment.ts";
import { composeVariables } from "../../admission/policies/variables.ts";
import { type Environment, celType as t } from "../../cel/index.ts";
import { oneOf, optionalOneOf } from "../field-rules.ts";
import { expressionErrors, variableErrors } from "./validate-expressions.ts";
import { matchConditionErrors } from "./validate-match.ts";
import { bindingErrors, failurePolicies, matchConstraintErrors, paramKindErrors } from "./validate-policy-parts.ts";

type Policy = admissionregistrationV1.ValidatingAdmissionPolicy;

const spec = Path.of("spec");

export function validateValidatingPolicy(policy: Policy): FieldError[] {
  return policyErrors(policy, true);
}

export function validateValidatingPolicyUpdate(policy: Policy, old: Policy): FieldError[] {
  const isSame =
    deepEqual(policy.spec.paramKind, old.spec.paramKind) &&
    deepEqual(policy.spec.matchConditions, old.spec.matchConditions);
  return policyErrors(policy, !isSame);
}

/** The environments of a policy's expressions: all its variables are there. */
interface Environments {
  readonly plain: Environment;
  readonly composed: Environment;
  readonly messages: Environment;
}

function environmentsOf({ paramKind, variables }: Policy["spec"]): Environments {
  const plain = admissionEnvironment({ hasParams: paramKind !== undefined });
  const composed = composeVariables(variables, plain).environment;
  return { plain, composed, messages: withoutAuthorizer(composed) };
}

function policyErrors({ metadata, spec: policy }: Policy, checksConditions: boolean): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [] } = policy;
  const environments = environmentsOf(policy);
  return [
    ...oneOf(failurePolicy, failurePolicies, spec.child("failurePolicy")),
    ...(paramKind ? paramKindErrors(paramKind, spec.child("paramKind")) : []),
    ...matchConstraintErrors(matchConstraints, spec.child("matchConstraints")),
    ...(checksConditions
      ? matchConditionErrors(matchConditions, environments.plain, spec.child("matchConditions"))
      : []),
    ...variableErrors(variables, environments.plain, spec.child("variables")),
    ...judgingErrors(metadata.name, policy, environments),
  ];
}

const maxAuditAnnotations = 20;

function judgingErrors(name: string, policy: Policy["spec"], environments: Environments): FieldError[] {
  const { validations = [], auditAnnotations = [] } = policy;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = "validations or auditAnnotations must contain at least one item";
    return ["validations", "auditAnnotations"].map((part) => field.required(spec.child(part), detail));
  }
  const at = spec.child("auditAnnotations");
  const isTooMany = auditAnnotations.length > maxAuditAnnotations;
  const seen = new Set<string>();
  return [
    ...validations.flatMap((one, index) => validationErrors(one, environments, spec.child("validations").index(index))),
    ...(isTooMany
      ? [field.invalid(at, auditAnnotations, `must not have more than ${maxAuditAnnotations} auditAnnotations`)]
      : []),
    ...auditAnnotations.flatMap((one, index) => {
      const errors = annotationErrors(name, one, environments, at.index(index));
      if (seen.has(one.key)) errors.push(field.duplicate(at.index(index).child("key"), one.key));
      seen.add(one.key);
      return errors;
    }),
  ];
}

const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const lineBreak = /[\n\r]/;

function validationErrors(validation: admissionregistrationV1.Validation, environments: Environments, at: Path) {
  const { expression, message = "", messageExpression = "", reason } = validation;
  const errors: FieldError[] = expression?.trim()
    ? expressionErrors(expression, environments.composed, [t.BOOL], at.child("expression"))
    : [field.required(at.child("expression"), "expression is not specified")];
  if (messageExpression !== "") {
    const path = at.child("messageExpression");
    errors.push(
      ...(messageExpression.trim() === ""
        ? [field.invalid(path, messageExpression, "must be non-empty if specified")]
        : expressionErrors(messageExpression, environments.messages, [t.STRING], path)),
    );
  }
  const path = at.child("message");
  const text = message.trim();
  if (message !== "" && text === "")
    errors.push(field.invalid(path, message, "message must be non-empty if specified"));
  else if (lineBreak.test(text)) errors.push(field.invalid(path, message, "message must not contain line breaks"));
  else if (text === "" && lineBreak.test(expression?.trim() ?? "")) {
    errors.push(field.required(path, "message must be specified if expression contains line breaks"));
  }
  return [...errors, ...optionalOneOf(reason, reasons, at.child("reason"))];
}

const maxValueExpressionBytes = 5 * 1024;

function annotationErrors(
  name: string,
  { key, valueExpression }: admissionregistrationV1.AuditAnnotation,
  { composed }: Environments,
  at: Path,
): FieldError[] {
  const path = at.child("key");
  const whole = `${name}/${key}`;
  const errors = name
    ? qualifiedNameErrors(whole).map((message) => field.invalid(path, whole, message))
    : [field.invalid(path, key, "requires metadata.name be non-empty")];
  const value = at.child("valueExpression");
  const text = valueExpression?.trim() ?? "";
  if (text === "") return [...errors, field.required(value, "valueExpression is not specified")];
  if (Buffer.byteLength(text) > maxValueExpressionBytes) {
    return [...errors, field.required(value, `must not exceed ${maxValueExpressionBytes} bytes in length`)];
  }
  return [...errors, ...expressionErrors(text, composed, [t.STRING, t.NULL], value)];
}

/** What is wrong with the status that the type checker writes. */
export function validateValidatingPolicyStatus({ status }: Policy): FieldError[] {
  const at = Path.of("status");
  const warnings = status?.typeChecking?.expressionWarnings ?? [];
  return [
    ...warnings.flatMap(({ fieldRef, warning }, index) => {
      const path = at.child("typeChecking", "expressionWarnings").index(index);
      return [
        ...(warning ? [] : [field.required(path.child("warning"))]),
        ...(fieldRef?.trim() ? [] : [field.required(path.child("fieldRef"))]),
      ];
    }),
    ...validateConditions(
      (status?.conditions ?? []) as Parameters<typeof validateConditions>[0],
      at.child("conditions"),
    ),
  ];
}

const actions = ["Audit", "Deny", "Warn"];

export function validateValidatingBinding({
  spec: binding,
}: admissionregistrationV1.ValidatingAdmissionPolicyBinding): FieldError[] {
  const { validationActions = [] } = binding;
  return [...bindingErrors(binding, spec), ...actionErrors(validationActions, spec.child("validationActions"))];
}

function actionErrors(wanted: readonly string[], at: Path): FieldError[] {
  const errors = wanted.flatMap((action, index) => [
    ...optionalOneOf(action, actions, at.index(index)),
    ...(wanted.indexOf(action) < index ? [field.duplicate(at.index(index), action)] : []),
  ]);
  if (wanted.includes("Deny") && wanted.includes("Warn")) {
    const why = "repeating the same validation failure information in the API response and headers serves no purpose";
    errors.push(field.invalid(at, wanted, `must not contain both Deny and Warn (${why})`));
  }
  if (wanted.length === 0) errors.push(field.required(at, "at least one validation action is required"));
  return errors;
}
