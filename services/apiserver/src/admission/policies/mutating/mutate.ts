import type { KubeObject, Namespace } from "@tskube/api";
import type { Value, Variables } from "../../../cel/index.ts";
import { bindingsOf, withParams, writeVariables } from "../../cel/bindings.ts";
import { matchConditionsBudget, policyBudget } from "../../cel/budget.ts";
import { decided } from "../../cel/decisions.ts";
import { failureText } from "../../cel/match-conditions.ts";
import { type ShownWrite, showWrite } from "../../matching/shown-write.ts";
import type { AdmissionAttributes } from "../../plugin.ts";
import { changeWrite } from "../../replace-object.ts";
import type { ServedVersion } from "../../served-version.ts";
import { applyConfigurationValue } from "./apply-configuration.ts";
import type { CompiledMutation, MutatingPolicy } from "./compile-policy.ts";
import { applyPatchValue } from "./json-patch.ts";
import type { MutatingPolicyDeps } from "./mutating-policies.ts";

/** What one invocation of a policy is about. */
export interface Mutated {
  readonly attributes: AdmissionAttributes;
  readonly version: ServedVersion;
  readonly param: KubeObject | undefined;
  readonly namespace: Namespace | undefined;
  readonly deps: MutatingPolicyDeps;
}

export interface Mutation {
  /** Whether the policy's conditions hold for the object as it is now. */
  isWanted(): Promise<boolean>;
  /** Changes the object as it is now; resolves with whether it is another then. */
  apply(mutation: CompiledMutation): Promise<boolean>;
}

export function mutation(policy: MutatingPolicy, about: Mutated): Mutation {
  const { attributes, version } = about;
  return {
    async isWanted() {
      const variables = variablesOf(policy, await showWrite(attributes, version), about);
      const outcome = await decided(() => policy.conditions(bindingsOf(variables, matchConditionsBudget)));
      if ("error" in outcome) throw outcome.error;
      return outcome.matches;
    },
    async apply(each) {
      const write = await showWrite(attributes, version);
      return changeWrite(write, await evaluate(policy, each, write, about));
    },
  };
}

function variablesOf(policy: MutatingPolicy, write: ShownWrite, { namespace, param, deps }: Mutated): Variables {
  const variables = writeVariables(write, deps.authorizer, namespace);
  return policy.paramKind ? withParams(variables, param) : variables;
}

/** What one mutation makes of the object. */
async function evaluate(
  policy: MutatingPolicy,
  { type, expression }: CompiledMutation,
  write: ShownWrite,
  about: Mutated,
): Promise<unknown> {
  const variables = variablesOf(policy, write, about);
  const object = write.object as KubeObject;
  const value = await decided(
    (): Value => expression.evaluate(policy.variables.bind(bindingsOf(variables, policyBudget))),
  ).catch((error: unknown) => {
    throw new Error(failureText(expression.text, error), { cause: error });
  });
  return type === "JSONPatch"
    ? applyPatchValue(object, value)
    : applyConfigurationValue(write, object, value, about.deps.mergeApplied);
}
