import type { admissionregistrationV1beta1 } from "@tskube/api";
import { deepEqual, type FieldError, field, Path } from "@tskube/apimachinery";
import { mutationEnvironment, mutationTypes } from "../../admission/policies/mutating/compile-policy.ts";
import { composeVariables } from "../../admission/policies/variables.ts";
import type { Environment } from "../../cel/index.ts";
import { oneOf } from "../field-rules.ts";
import { expressionErrors, variableErrors } from "./validate-expressions.ts";
import { matchConditionErrors } from "./validate-match.ts";
import { bindingErrors, failurePolicies, matchConstraintErrors, paramKindErrors } from "./validate-policy-parts.ts";

type Policy = admissionregistrationV1beta1.MutatingAdmissionPolicy;

const spec = Path.of("spec");
const reinvocationPolicies = ["IfNeeded", "Never"];
const patchTypes = ["ApplyConfiguration", "JSONPatch"];

export function validateMutatingPolicy(policy: Policy): FieldError[] {
  return policyErrors(policy, true);
}

export function validateMutatingPolicyUpdate(policy: Policy, old: Policy): FieldError[] {
  const isSame =
    deepEqual(policy.spec.paramKind, old.spec.paramKind) &&
    deepEqual(policy.spec.matchConditions, old.spec.matchConditions);
  return policyErrors(policy, !isSame);
}

function policyErrors({ spec: policy }: Policy, checksConditions: boolean): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [], variables = [], mutations = [] } = policy;
  const plain = mutationEnvironment(paramKind !== undefined);
  const composed = composeVariables(variables, plain).environment;
  return [
    ...oneOf(failurePolicy, failurePolicies, spec.child("failurePolicy")),
    ...(paramKind ? paramKindErrors(paramKind, spec.child("paramKind")) : []),
    ...matchConstraintErrors(matchConstraints, spec.child("matchConstraints")),
    ...(checksConditions ? matchConditionErrors(matchConditions, plain, spec.child("matchConditions")) : []),
    ...variableErrors(variables, plain, spec.child("variables")),
    ...(mutations.length === 0
      ? [field.required(spec.child("mutations"), "mutations must contain at least one item")]
      : []),
    ...mutations.flatMap((mutation, index) => mutationErrors(mutation, composed, spec.child("mutations").index(index))),
    ...oneOf(policy.reinvocationPolicy, reinvocationPolicies, spec.child("reinvocationPolicy")),
  ];
}

/** The part that goes with the type of the patch must be there, and no other. */
function mutationErrors(
  { patchType, applyConfiguration, jsonPatch }: admissionregistrationV1beta1.Mutation,
  environment: Environment,
  at: Path,
): FieldError[] {
  const isKnown = patchType === "ApplyConfiguration" || patchType === "JSONPatch";
  if (!isKnown) return oneOf(patchType, patchTypes, at.child("patchType"));
  const parts = { ApplyConfiguration: applyConfiguration, JSONPatch: jsonPatch };
  const names = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;
  const other = patchType === "JSONPatch" ? "ApplyConfiguration" : "JSONPatch";
  const errors: FieldError[] = [];
  if (parts[other]) {
    errors.push(field.invalid(at.child(names[other]), "{}", `must not be specified when patchType is ${patchType}`));
  }
  const part = parts[patchType];
  const path = at.child(names[patchType]);
  if (!part) return [...errors, field.required(path, `must be specified when patchType is ${patchType}`)];
  const { expression = "" } = part;
  if (expression.trim() === "") {
    return [...errors, field.required(path.child("expression"), "expression is not specified")];
  }
  return [
    ...errors,
    ...expressionErrors(expression, environment, [mutationTypes[patchType]], path.child("expression")),
  ];
}

export function validateMutatingBinding({
  spec: binding,
}: admissionregistrationV1beta1.MutatingAdmissionPolicyBinding): FieldError[] {
  return bindingErrors(binding, spec);
}
