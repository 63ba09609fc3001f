import type { SubjectAccessReviewSpec } from "@tskube/api";
import { isJsonObject, type JsonObject } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import { BoundedCache } from "../bounded-cache.ts";
import type { ReviewClient } from "../webhook/review-client.ts";
import { accessReviewSpec } from "./access-review-spec.ts";
import type { MatchOutcome } from "./review-conditions.ts";

export interface WebhookAuthorizerOptions {
  readonly name: string;
  /** Of authorization.k8s.io, which the server speaks. */
  readonly version: "v1" | "v1beta1";
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
  /** What a server that does not answer means. */
  readonly failurePolicy: "NoOpinion" | "Deny";
  /** Whether the server is asked about this at all; about everything when absent. */
  readonly matches?: (spec: SubjectAccessReviewSpec) => MatchOutcome;
}

/** Told of every question that was asked, and how it ended. */
export type OnEvaluated = (result: "success" | "error" | "timeout", failedOpen: boolean, seconds: number) => void;

export interface WebhookAuthorizerDeps {
  readonly client: ReviewClient;
  readonly clock: Clock;
  readonly onEvaluated?: OnEvaluated;
}

interface Remembered {
  readonly decision: Decision;
  readonly untilMs: number;
}

const rememberedDecisions = 8_192;
/** Longer questions come from somebody who wants to fill the memory. */
const maxRememberedLength = 10_000;

/** Asks another server what may be done, by SubjectAccessReviews, and remembers its answers for a while. */
export function webhookAuthorizer(options: WebhookAuthorizerOptions, deps: WebhookAuthorizerDeps): Authorizer {
  const remembered = new BoundedCache<Remembered>(rememberedDecisions);
  const asking = new Map<string, Promise<Decision>>();

  const ask = async (spec: SubjectAccessReviewSpec, key: string, mayRemember: boolean): Promise<Decision> => {
    const startedMs = deps.clock.monotonic();
    const tell = (result: "success" | "error" | "timeout", failedOpen: boolean) =>
      deps.onEvaluated?.(result, failedOpen, (deps.clock.monotonic() - startedMs) / 1000);
    try {
      const { status } = await deps.client.ask(reviewOf(spec, options.version));
      const decision = decisionOf(isJsonObject(status) ? status : {});
      tell("success", false);
      const ttlMs = decision.allowed ? options.authorizedTtlMs : options.unauthorizedTtlMs;
      if (mayRemember && ttlMs > 0) remembered.set(key, { decision, untilMs: deps.clock.monotonic() + ttlMs });
      return decision;
    } catch (error) {
      tell(isTimeout(error) ? "timeout" : "error", options.failurePolicy === "NoOpinion");
      return failed(options.failurePolicy, error);
    }
  };

  return {
    name: options.name,
    authorize(attributes) {
      const spec = accessReviewSpec(attributes);
      const outcome = options.matches?.(spec);
      if (outcome && "error" in outcome) return failed(options.failurePolicy, outcome.error);
      if (outcome && !outcome.matches) return { allowed: false, denied: false, reason: "" };
      const key = JSON.stringify(spec);
      const known = remembered.get(key);
      if (known && known.untilMs > deps.clock.monotonic()) return known.decision;
      const before = asking.get(key);
      if (before) return before;
      const answer = ask(spec, key, lengthOf(attributes) < maxRememberedLength).finally(() => asking.delete(key));
      asking.set(key, answer);
      return answer;
    },
  };
}

function reviewOf(spec: SubjectAccessReviewSpec, version: "v1" | "v1beta1"): object {
  const { groups, ...rest } = spec;
  return {
    apiVersion: `authorization.k8s.io/${version}`,
    kind: "SubjectAccessReview",
    metadata: { creationTimestamp: null },
    // The older version has another name for the groups, and no selectors.
    spec: version === "v1" ? spec : { ...withoutSelectors(rest), ...(groups && { group: groups }) },
    status: { allowed: false },
  };
}

function withoutSelectors({ resourceAttributes, ...rest }: SubjectAccessReviewSpec): SubjectAccessReviewSpec {
  if (!resourceAttributes) return rest;
  const { fieldSelector: _fields, labelSelector: _labels, ...plain } = resourceAttributes;
  return { ...rest, resourceAttributes: plain };
}

function decisionOf({ allowed, denied, reason }: JsonObject): Decision {
  const why = typeof reason === "string" ? reason : "";
  if (denied === true && allowed === true) {
    const error = new Error("webhook subject access review returned both allow and deny response");
    return { allowed: false, denied: true, reason: why, error };
  }
  if (allowed === true) return { allowed: true, reason: why };
  return { allowed: false, denied: denied === true, reason: why };
}

function failed(policy: "NoOpinion" | "Deny", cause: unknown): Decision {
  const error = cause instanceof Error ? cause : new Error(errorMessage(cause));
  return { allowed: false, denied: policy === "Deny", reason: "", error };
}

function isTimeout(error: unknown): boolean {
  return errorMessage(error).includes("deadline exceeded");
}

function lengthOf({ namespace, verb, group, version, resource, subresource, name, path }: Attributes): number {
  return [namespace, verb, group, version, resource, subresource, name, path].reduce(
    (sum, { length }) => sum + length,
    0,
  );
}
