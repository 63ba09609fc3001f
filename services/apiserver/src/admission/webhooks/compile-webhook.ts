import type { admissionregistrationV1 } from "@tskube/api";
import { admissionEnvironment } from "../cel/environment.ts";
import { createMatchConditions, type MatchConditions } from "../cel/match-conditions.ts";
import { createMatcher, type MatchDeps, type Matcher } from "../matching/match-resources.ts";
import { reviewVersion } from "./review.ts";

type Spec = admissionregistrationV1.ValidatingWebhook &
  Pick<admissionregistrationV1.MutatingWebhook, "reinvocationPolicy">;

/** One webhook of a configuration, ready to be asked. */
export interface Webhook {
  readonly configuration: string;
  readonly name: string;
  readonly clientConfig: admissionregistrationV1.WebhookClientConfig;
  readonly timeoutMs: number;
  readonly ignoresFailure: boolean;
  readonly allowsDryRun: boolean;
  readonly isReinvoked: boolean;
  /** `admission.k8s.io/v1`; undefined when it speaks nothing that is spoken here. */
  readonly reviewVersion: string | undefined;
  readonly match: Matcher;
  /** Absent when there are none. */
  readonly conditions: MatchConditions | undefined;
}

export function compileWebhooks(
  configuration: { readonly metadata: { readonly name: string }; readonly webhooks?: readonly Spec[] | undefined },
  deps: MatchDeps,
): readonly Webhook[] {
  return (configuration.webhooks ?? []).map((spec) => compileWebhook(configuration.metadata.name, spec, deps));
}

function compileWebhook(configuration: string, spec: Spec, deps: MatchDeps): Webhook {
  const { matchConditions = [] } = spec;
  return {
    configuration,
    name: spec.name,
    clientConfig: spec.clientConfig,
    timeoutMs: (spec.timeoutSeconds ?? 10) * 1000,
    ignoresFailure: spec.failurePolicy === "Ignore",
    allowsDryRun: spec.sideEffects === "None" || spec.sideEffects === "NoneOnDryRun",
    isReinvoked: spec.reinvocationPolicy === "IfNeeded",
    reviewVersion: reviewVersion(spec.admissionReviewVersions ?? []),
    match: createMatcher({ ...spec, rules: spec.rules ?? [] }, deps),
    conditions: matchConditions.length > 0 ? createMatchConditions(matchConditions, admissionEnvironment()) : undefined,
  };
}
