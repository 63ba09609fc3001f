import { isDeepStrictEqual } from "node:util";
import type { admissionregistrationV1beta1, KubeObject } from "@tskube/api";
import type { StatusError } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { namespaceObjectOf } from "../../matching/match-resources.ts";
import { isAdmissionConfiguration } from "../../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../../plugin.ts";
import type { ServedVersion } from "../../served-version.ts";
import { type Binding, type BoundPolicy, followBoundPolicies } from "../bindings.ts";
import { paramsOf } from "../params.ts";
import { policiesRefusal } from "../refusal.ts";
import type { PolicyDeps } from "../validating/validating-policies.ts";
import type { MergeApplied } from "./apply-configuration.ts";
import { compileMutatingPolicy, type MutatingPolicy } from "./compile-policy.ts";
import { type Mutation, mutation } from "./mutate.ts";

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

/** A policy with one object of parameters that a binding brings it. */
interface Invocation {
  readonly policy: MutatingPolicy;
  readonly binding: Binding;
  readonly param: KubeObject | undefined;
  readonly version: ServedVersion;
}

interface Failure {
  readonly policy: MutatingPolicy;
  readonly message: string;
  readonly reason: "Forbidden" | "Invalid";
}

/**
 * Changes objects by the MutatingAdmissionPolicies that are bound, one after the other. Which ones those are is settled first, by the object as it comes.
 * When one has changed the object, all of admission runs again, and policies that want it look once more if the object is not as they left it.
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
      const { invocations, failures } = await invocationsFor(bound.all(), attributes, deps);
      if (invocations.length > 0) failures.push(...(await invokeAll(invocations, attributes, round, deps)));
      const refusing = failures.filter(({ policy }) => !policy.ignoresFailure);
      if (refusing.length > 0) throw refusal(attributes, refusing);
    },
  };
}

async function invocationsFor(
  bound: readonly BoundPolicy<MutatingPolicy>[],
  attributes: AdmissionAttributes,
  deps: MutatingPolicyDeps,
): Promise<{ readonly invocations: readonly Invocation[]; readonly failures: Failure[] }> {
  const invocations: Invocation[] = [];
  const failures: Failure[] = [];
  for (const { policy, bindings } of bound) {
    const version = await policy.match(attributes);
    if (!version) continue;
    for (const binding of bindings) {
      if (binding.match && !(await binding.match(attributes))) continue;
      try {
        const { paramRef } = binding.spec;
        const params = await paramsOf(policy.paramKind, paramRef, attributes.namespace, deps.findParamResource);
        invocations.push(...params.map((param) => ({ policy, binding, param, version })));
      } catch (error) {
        const message = `${nameOf(policy, binding)} denied request: failed to configure binding: ${errorMessage(error)}`;
        failures.push({ policy, message, reason: "Forbidden" });
      }
    }
  }
  return { invocations, failures };
}

/** Changes the object by each in turn, whatever becomes of those before it; resolves with what failed. */
async function invokeAll(
  invocations: readonly Invocation[],
  attributes: AdmissionAttributes,
  round: Round,
  deps: MutatingPolicyDeps,
): Promise<readonly Failure[]> {
  const namespace = await namespaceObjectOf(attributes, deps.objects);
  const failures: Failure[] = [];
  for (const invocation of invocations) {
    const { policy, binding, param, version } = invocation;
    const mutate = mutation(policy, { attributes, version, param, namespace, deps });
    for (const error of await invoke(invocation, mutate, { attributes, round, deps })) {
      const message = `${nameOf(policy, binding)} denied request: ${errorMessage(error)}`;
      failures.push({ policy, message, reason: "Invalid" });
    }
  }
  return failures;
}

interface Admitting {
  readonly attributes: AdmissionAttributes;
  readonly round: Round;
  readonly deps: MutatingPolicyDeps;
}

/** Resolves with the errors there were: each mutation is tried. */
async function invoke(
  invocation: Invocation,
  mutate: Mutation,
  { attributes, round, deps }: Admitting,
): Promise<readonly unknown[]> {
  const { policy, binding } = invocation;
  try {
    if (!(await mutate.isWanted())) return [];
  } catch (error) {
    return [error];
  }
  const key = keyOf(invocation);
  if (round.number > 0 && !mayLookAgain(round.left.get(key), attributes)) return [];
  const errors: unknown[] = [];
  for (const each of policy.mutations) {
    const startedAt = deps.clock.monotonic();
    const record = (action: "allow" | "deny", isFailure: boolean) =>
      deps.metrics.checked(
        { policy: policy.name, binding: binding.name, action, isFailure },
        (deps.clock.monotonic() - startedAt) / 1000,
      );
    try {
      if (await mutate.apply(each)) round.hasChanged = true;
      record("allow", false);
    } catch (error) {
      record(policy.ignoresFailure ? "allow" : "deny", true);
      errors.push(error);
    }
  }
  if (policy.isReinvoked) round.left.set(key, structuredClone(attributes.object as KubeObject));
  return errors;
}

function mayLookAgain(before: KubeObject | undefined, { object }: AdmissionAttributes): boolean {
  return before !== undefined && !isDeepStrictEqual(before, object);
}

function keyOf({ policy, binding, param }: Invocation): string {
  const { namespace = "", name = "" } = param?.metadata ?? {};
  return `${policy.name}/${binding.name}/${namespace}/${name}`;
}

function nameOf(policy: MutatingPolicy, binding: Binding): string {
  return `policy '${policy.name}' with binding '${binding.name}'`;
}

/** Tells of the first failure, and of all as causes. */
function refusal(attributes: AdmissionAttributes, failures: readonly Failure[]): StatusError {
  const messages = failures.map(({ message }) => message);
  return policiesRefusal(attributes, messages, failures[0]?.reason ?? "Forbidden");
}
