import type { admissionregistrationV1, KubeObject } from "@tskube/api";
import { type Configurations, followConfigurations } from "../configurations.ts";
import { createMatcher, type MatchDeps, type Matcher } from "../matching/match-resources.ts";

/** What the bindings of both kinds of policies have. */
export interface BindingSpec {
  readonly policyName?: string | undefined;
  readonly paramRef?: admissionregistrationV1.ParamRef | undefined;
  readonly matchResources?: admissionregistrationV1.MatchResources | undefined;
  readonly validationActions?: readonly string[] | undefined;
}

export interface Binding {
  readonly name: string;
  readonly spec: BindingSpec;
  /** Narrows what the policy matches; absent when it leaves that as it is. */
  readonly match: Matcher | undefined;
}

/** A policy with what binds it to writes. */
export interface BoundPolicy<P> {
  readonly policy: P;
  readonly bindings: readonly Binding[];
}

/** The policies of a kind that are bound at all, in the order of their names, with their bindings in the order of theirs. */
export interface BoundPolicies<P> {
  all(): readonly BoundPolicy<P>[];
  close(): void;
}

const group = "admissionregistration.k8s.io";

/** Follows a kind of policies and its bindings; what belongs together is found anew after a change of either. */
export function followBoundPolicies<O extends KubeObject, P extends { readonly name: string }>(
  resource: "validatingadmissionpolicies" | "mutatingadmissionpolicies",
  compile: (policy: O) => P,
  deps: MatchDeps,
): BoundPolicies<P> {
  const policies: Configurations<P> = followConfigurations<O, P>(deps.objects, { group, resource }, compile);
  const bindings: Configurations<Binding> = followConfigurations<KubeObject & { readonly spec: BindingSpec }, Binding>(
    deps.objects,
    { group, resource: `${resource.slice(0, -"policies".length)}policybindings` },
    (binding) => compileBinding(binding, deps),
  );
  let known: { of: readonly P[]; by: readonly Binding[]; bound: readonly BoundPolicy<P>[] } | undefined;
  return {
    all() {
      const [of, by] = [policies.all(), bindings.all()];
      if (known?.of !== of || known.by !== by) known = { of, by, bound: join(of, by) };
      return known.bound;
    },
    close() {
      policies.close();
      bindings.close();
    },
  };
}

function join<P extends { readonly name: string }>(policies: readonly P[], bindings: readonly Binding[]) {
  return policies
    .map((policy) => ({ policy, bindings: bindings.filter(({ spec }) => spec.policyName === policy.name) }))
    .filter((bound) => bound.bindings.length > 0);
}

function compileBinding(
  { metadata, spec }: { readonly metadata: { readonly name: string }; readonly spec: BindingSpec },
  deps: MatchDeps,
): Binding {
  return { name: metadata.name, spec, match: spec.matchResources && matcherOf(spec.matchResources, deps) };
}

const everyRule = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }];

/** Without rules of its own, a match is about everything. */
export function matcherOf(match: admissionregistrationV1.MatchResources, deps: MatchDeps): Matcher {
  const rules = match.resourceRules?.length ? match.resourceRules : everyRule;
  return createMatcher({ ...match, rules, excluded: match.excludeResourceRules ?? [] }, deps);
}
