import { isDeepStrictEqual } from "node:util";
import type { admissionregistrationV1beta1, KubeObject } from "@tskube/api";
import type { StatusError } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Value, Variables } from "../../../cel/index.ts";
import { bindingsOf, withParams, writeVariables } from "../../cel/bindings.ts";
import { matchConditionsBudget, policyBudget } from "../../cel/budget.ts";
import { decided } from "../../cel/decisions.ts";
import { failureText } from "../../cel/match-conditions.ts";
import { namespaceOf } from "../../matching/match-resources.ts";
import { isAdmissionConfiguration } from "../../matching/rules.ts";
import { type ShownWrite, showWrite } from "../../matching/shown-write.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../../plugin.ts";
import { changeWrite } from "../../replace-object.ts";
import { type Binding, followBoundPolicies } from "../bindings.ts";
import { paramsOf } from "../params.ts";
import { policyRefusal } from "../refusal.ts";
import type { PolicyDeps } from "../validating/validating-policies.ts";
import { applyConfigurationValue, type MergeApplied } from "./apply-configuration.ts";
import { type CompiledMutation, compileMutatingPolicy, type MutatingPolicy } from "./compile-policy.ts";
import { applyPatchValue } from "./json-patch.ts";

export interface MutatingPolicyDeps extends PolicyDeps {
  readonly mergeApplied: MergeApplied;
}

export interface MutatingPolicies extends AdmissionPlugin {
  close(): void;
}

/** What one pass leaves for the next. */
interface Round {
  number: number;
  /** Who may have to look again, with the object as they left it. */
  readonly left: Map<string, KubeObject>;
  hasChanged: boolean;
}

/**
 * Changes objects by the MutatingAdmissionPolicies that are bound, one after the other. When one has changed the object, all of admission runs again, and
 * policies that want it look once more if the object is not as they left it.
 */
export function mutatingPolicies(deps: MutatingPolicyDeps): MutatingPolicies {
  const bound = followBoundPolicies<admissionregistrationV1beta1.MutatingAdmissionPolicy, MutatingPolicy>(
    "mutatingadmissionpolicies",
    (policy) => compileMutatingPolicy(policy, deps),
    deps,
  );
  const rounds = new WeakMap<AdmissionAttributes, Round>();
  return {
    name: "MutatingAdmissionPolicy",
    handles: (attributes) =>
      bound.all().length > 0 && attributes.object !== undefined && !isAdmissionConfiguration(attributes),
    wantsReinvocation: (attributes) => rounds.get(attributes)?.hasChanged === true,
    close: () => bound.close(),
    async admit(attributes) {
      const round = rounds.get(attributes) ?? { number: -1, left: new Map(), hasChanged: false };
      rounds.set(attributes, round);
      round.number++;
      for (const { policy, bindings } of bound.all()) {
        for (const binding of bindings) await enforce(policy, binding, { attributes, round, deps });
      }
    },
  };
}

interface Admitting {
  readonly attributes: AdmissionAttributes;
  readonly round: Round;
  readonly deps: MutatingPolicyDeps;
}

async function enforce(policy: MutatingPolicy, binding: Binding, admitting: Admitting): Promise<void> {
  const { attributes, round, deps } = admitting;
  const key = `${policy.name}/${binding.name}`;
  if (round.number > 0 && !mayLookAgain(policy, round.left.get(key), attributes)) return;
  const startedAt = deps.clock.monotonic();
  const record = (action: "allow" | "deny", isFailure: boolean) =>
    deps.metrics.checked(
      { policy: policy.name, binding: binding.name, action, isFailure },
      (deps.clock.monotonic() - startedAt) / 1000,
    );
  try {
    const isLookedAt = await mutate(policy, binding, admitting);
    if (isLookedAt) record("allow", false);
    if (isLookedAt && policy.isReinvoked) round.left.set(key, structuredClone(attributes.object as KubeObject));
  } catch (error) {
    record(policy.ignoresFailure ? "allow" : "deny", true);
    if (!policy.ignoresFailure) throw refusal(attributes, policy, binding, error);
  }
}

function mayLookAgain(
  policy: MutatingPolicy,
  before: KubeObject | undefined,
  { object }: AdmissionAttributes,
): boolean {
  return policy.isReinvoked && before !== undefined && !isDeepStrictEqual(before, object);
}

function refusal(
  attributes: AdmissionAttributes,
  policy: MutatingPolicy,
  binding: Binding,
  error: unknown,
): StatusError {
  const who = `policy '${policy.name}' with binding '${binding.name}'`;
  return policyRefusal(attributes, who, errorMessage(error), "Invalid");
}

/** Does what the policy says with each object of parameters; resolves with whether the write is its business. */
async function mutate(
  policy: MutatingPolicy,
  binding: Binding,
  { attributes, round, deps }: Admitting,
): Promise<boolean> {
  const version = await policy.match(attributes);
  if (!version || (binding.match && !(await binding.match(attributes)))) return false;
  const { paramRef } = binding.spec;
  const params = await paramsOf(policy.paramKind, paramRef, attributes.namespace, deps.findParamResource);
  for (const param of params) {
    if (!(await isWanted(policy, param, await showWrite(attributes, version), deps))) continue;
    for (const mutation of policy.mutations) {
      // Each sees what those before it have made.
      const write = await showWrite(attributes, version);
      const changed = await evaluate(policy, mutation, param, write, deps);
      if (await changeWrite(write, changed)) round.hasChanged = true;
    }
  }
  return true;
}

async function isWanted(
  policy: MutatingPolicy,
  param: KubeObject | undefined,
  write: ShownWrite,
  deps: MutatingPolicyDeps,
): Promise<boolean> {
  const variables = await variablesOf(policy, param, write, deps);
  const outcome = await decided(() => policy.conditions(bindingsOf(variables, matchConditionsBudget)));
  if ("error" in outcome) throw outcome.error;
  return outcome.matches;
}

async function variablesOf(
  policy: MutatingPolicy,
  param: KubeObject | undefined,
  write: ShownWrite,
  { authorizer, objects }: MutatingPolicyDeps,
): Promise<Variables> {
  const variables = writeVariables(write, authorizer, await namespaceOf(write.attributes, objects));
  return policy.paramKind ? withParams(variables, param) : variables;
}

/** What one mutation makes of the object as it is now. */
async function evaluate(
  policy: MutatingPolicy,
  { type, expression }: CompiledMutation,
  param: KubeObject | undefined,
  write: ShownWrite,
  deps: MutatingPolicyDeps,
): Promise<unknown> {
  const variables = await variablesOf(policy, param, write, deps);
  const object = write.object as KubeObject;
  const value = await decided(
    (): Value => expression.evaluate(policy.variables.bind(bindingsOf(variables, policyBudget))),
  ).catch((error: unknown) => {
    throw new Error(failureText(expression.text, error), { cause: error });
  });
  return type === "JSONPatch"
    ? applyPatchValue(object, value)
    : applyConfigurationValue(write, object, value, deps.mergeApplied);
}
