import type { admissionregistrationV1 } from "@tskube/api";
import type { StatusError } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import type { Authorizer } from "../../../auth/authorizer.ts";
import type { Variables } from "../../../cel/index.ts";
import { withParams, writeVariables } from "../../cel/bindings.ts";
import { decided } from "../../cel/decisions.ts";
import { type MatchDeps, namespaceObjectOf } from "../../matching/match-resources.ts";
import { isAdmissionConfiguration } from "../../matching/rules.ts";
import { showWrite } from "../../matching/shown-write.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../../plugin.ts";
import { type Binding, followBoundPolicies } from "../bindings.ts";
import { type FindParamResource, paramsOf } from "../params.ts";
import type { PolicyCheck, PolicyMetrics } from "../policy-metrics.ts";
import { policyRefusal } from "../refusal.ts";
import { AuditNotes } from "./audit-notes.ts";
import { compileValidatingPolicy, type ValidatingPolicy } from "./compile-policy.ts";
import { evaluatePolicy, failuresOf, type Judgement, type Violation } from "./evaluate.ts";

export interface PolicyDeps extends MatchDeps {
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly findParamResource: FindParamResource;
  readonly metrics: PolicyMetrics;
}

export interface ValidatingPolicies extends AdmissionPlugin {
  close(): void;
}

/** Judges writes by the ValidatingAdmissionPolicies that are bound; a binding says whether what they find refuses, warns or is only recorded. */
export function validatingPolicies(deps: PolicyDeps): ValidatingPolicies {
  const bound = followBoundPolicies<admissionregistrationV1.ValidatingAdmissionPolicy, ValidatingPolicy>(
    "validatingadmissionpolicies",
    (policy) => compileValidatingPolicy(policy, deps),
    deps,
  );
  return {
    name: "ValidatingAdmissionPolicy",
    handles: (attributes) => bound.all().length > 0 && !isAdmissionConfiguration(attributes),
    close: () => bound.close(),
    async validate(attributes) {
      const notes = new AuditNotes(attributes);
      const refusals: StatusError[] = [];
      for (const { policy, bindings } of bound.all()) {
        for (const binding of bindings) refusals.push(...(await enforce(policy, binding, { attributes, notes, deps })));
      }
      notes.write();
      if (refusals[0]) throw refusals[0];
    },
  };
}

interface Judging {
  readonly attributes: AdmissionAttributes;
  readonly notes: AuditNotes;
  readonly deps: PolicyDeps;
}

/** What is done in the name of one policy and binding. */
interface Enforcement extends Judging {
  readonly policy: ValidatingPolicy;
  readonly binding: Binding;
  readonly checked: (action: PolicyCheck["action"], isFailure?: boolean) => void;
}

/** Judges by one binding and does what it says; returns what refuses the write. */
async function enforce(policy: ValidatingPolicy, binding: Binding, judging: Judging): Promise<readonly StatusError[]> {
  const { clock, metrics } = judging.deps;
  const startedAt = clock.monotonic();
  const checked: Enforcement["checked"] = (action, isFailure = false) =>
    metrics.checked(
      { policy: policy.name, binding: binding.name, action, isFailure },
      (clock.monotonic() - startedAt) / 1000,
    );
  const enforcement = { ...judging, policy, binding, checked };
  try {
    const judgements = await judge(enforcement);
    return judgements.flatMap((judgement) => actOn(judgement, enforcement));
  } catch (error) {
    checked("deny", true);
    const failures = failuresOf(policy, 0, `failed to configure binding: ${errorMessage(error)}`);
    return failures.map((failure) => refusal(failure, enforcement));
  }
}

function actOn({ violations, failures, annotations }: Judgement, enforcement: Enforcement): readonly StatusError[] {
  const { policy, notes, checked } = enforcement;
  if (violations.length === 0) checked("allow");
  for (const { key, value } of annotations) notes.add(`${policy.name}/${key}`, value);
  return [
    ...violations.flatMap((violation) => actOnViolation(violation, enforcement)),
    ...failures.map((failure) => refusal(failure, enforcement)),
  ];
}

function actOnViolation(violation: Violation, enforcement: Enforcement): readonly StatusError[] {
  const { policy, binding, attributes, notes, checked } = enforcement;
  const actions = binding.spec.validationActions ?? [];
  if (actions.includes("Warn")) {
    checked("warn");
    attributes.warn(`Validation failed for ${nameOf(enforcement)}: ${violation.message}`);
  }
  if (actions.includes("Audit")) {
    checked("audit");
    notes.failed(policy.name, binding, violation);
  }
  if (!actions.includes("Deny")) return [];
  checked("deny");
  return [refusal(violation, enforcement)];
}

function refusal({ message, reason }: Violation, enforcement: Enforcement): StatusError {
  return policyRefusal(enforcement.attributes, nameOf(enforcement), message, reason);
}

function nameOf({ policy, binding }: Enforcement): string {
  return `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
}

/** One judgement for each object of parameters; none for a write that the policy or its binding is not about. */
async function judge({ policy, binding, attributes, deps }: Enforcement): Promise<readonly Judgement[]> {
  const version = await policy.match(attributes);
  if (!version || (binding.match && !(await binding.match(attributes)))) return [];
  const { paramRef } = binding.spec;
  const params = await paramsOf(policy.paramKind, paramRef, attributes.namespace, deps.findParamResource);
  const variables = writeVariables(
    await showWrite(attributes, version),
    deps.authorizer,
    await namespaceObjectOf(attributes, deps.objects),
  );
  const judgements: Judgement[] = [];
  for (const param of params) {
    const own: Variables = policy.paramKind ? withParams(variables, param) : variables;
    judgements.push(await decided(() => evaluatePolicy(policy, own)));
  }
  return judgements;
}
