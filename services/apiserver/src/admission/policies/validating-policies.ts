import type { admissionregistrationV1 } from "@tskube/api";
import { reasonCodes, StatusError } from "@tskube/apimachinery";
import type { Authorizer } from "../../auth/authorizer.ts";
import { bindingsOf } from "../cel/bindings.ts";
import { followConfigurations } from "../configurations.ts";
import { type MatchDeps, namespaceOf } from "../matching/match-resources.ts";
import { isAdmissionConfiguration } from "../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { type Binding, compileBinding, compilePolicy, type Policy } from "./compile-policy.ts";
import { evaluatePolicy, failures, type Violation } from "./evaluate.ts";
import { type FindParamResource, paramsOf } from "./params.ts";

export interface PolicyDeps extends MatchDeps {
  readonly authorizer: Authorizer;
  readonly findParamResource: FindParamResource;
}

export interface ValidatingPolicies extends AdmissionPlugin {
  close(): void;
}

const group = "admissionregistration.k8s.io";

/** Judges writes by the ValidatingAdmissionPolicies that are bound; a binding says whether what they find refuses, warns or is only recorded. */
export function validatingPolicies(deps: PolicyDeps): ValidatingPolicies {
  const { objects } = deps;
  const policies = followConfigurations<admissionregistrationV1.ValidatingAdmissionPolicy, Policy>(
    objects,
    { group, resource: "validatingadmissionpolicies" },
    (policy) => compilePolicy(policy, deps),
  );
  const bindings = followConfigurations<admissionregistrationV1.ValidatingAdmissionPolicyBinding, Binding>(
    objects,
    { group, resource: "validatingadmissionpolicybindings" },
    (binding) => compileBinding(binding, deps),
  );
  return {
    name: "ValidatingAdmissionPolicy",
    handles: (attributes) => bindings.all().length > 0 && !isAdmissionConfiguration(attributes),
    async validate(attributes) {
      const refusals: StatusError[] = [];
      for (const policy of policies.all()) {
        const bound = bindings.all().filter(({ spec }) => spec.policyName === policy.name);
        for (const binding of bound) {
          const violations = await judge(policy, binding, attributes, deps);
          refusals.push(...enforce(policy, binding, violations, attributes));
        }
      }
      if (refusals[0]) throw refusals[0];
    },
    close() {
      policies.close();
      bindings.close();
    },
  };
}

async function judge(
  policy: Policy,
  binding: Binding,
  attributes: AdmissionAttributes,
  deps: PolicyDeps,
): Promise<readonly Violation[]> {
  try {
    const version = await policy.match(attributes);
    if (!version || (binding.match && !(await binding.match(attributes)))) return [];
    const namespaceObject = await namespaceOf(attributes, deps.objects);
    const params = paramsOf(policy.spec, binding.spec.paramRef, attributes.namespace, deps.findParamResource);
    return params.flatMap((param) => {
      const more = { namespaceObject: namespaceObject ?? null, params: param ?? null };
      const { violations, annotations } = evaluatePolicy(
        policy,
        bindingsOf(attributes, version, deps.authorizer, more),
      );
      for (const { key, value } of annotations) attributes.annotate(key, value);
      return violations;
    });
  } catch (error) {
    return failures(policy, error);
  }
}

/** Does what the binding says about `violations`; returns those that refuse. */
function enforce(
  policy: Policy,
  binding: Binding,
  violations: readonly Violation[],
  attributes: AdmissionAttributes,
): readonly StatusError[] {
  const actions = binding.spec.validationActions ?? [];
  const places = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
  if (actions.includes("Warn")) {
    for (const { message } of violations) attributes.warn(`Validation failed for ${places}: ${message}`);
  }
  if (actions.includes("Audit") && violations.length > 0) record(policy, binding, violations, attributes);
  if (!actions.includes("Deny")) return [];
  return violations.map(({ message, reason }) => denial(attributes, `${places} denied request: ${message}`, reason));
}

function record(
  policy: Policy,
  binding: Binding,
  violations: readonly Violation[],
  attributes: AdmissionAttributes,
): void {
  const entries = violations.map(({ message }, expressionIndex) => ({
    message,
    policy: policy.name,
    binding: binding.name,
    expressionIndex,
    validationActions: binding.spec.validationActions,
  }));
  attributes.annotate("validation.policy.admission.k8s.io/validation_failure", JSON.stringify(entries));
}

/** As every plugin's refusal, but with the reason that the policy gives. */
function denial(attributes: AdmissionAttributes, message: string, reason: string): StatusError {
  const { status } = refuse(attributes, message);
  const code = Object.hasOwn(reasonCodes, reason) ? reasonCodes[reason as keyof typeof reasonCodes] : 422;
  const details = { ...status.details, causes: [{ message }] };
  return new StatusError({ ...status, reason, code, details });
}
