import { readConfiguration } from "./read-configuration.ts";
import { boolean, durationMs, listOf, type ObjectOf, objectOf, optional, type ShapeOf, text } from "./shape.ts";

const webhook = objectOf({
  authorizedTTL: optional(durationMs),
  cacheAuthorizedRequests: optional(boolean),
  unauthorizedTTL: optional(durationMs),
  cacheUnauthorizedRequests: optional(boolean),
  timeout: durationMs,
  subjectAccessReviewVersion: text,
  matchConditionSubjectAccessReviewVersion: text,
  failurePolicy: text,
  connectionInfo: objectOf({ type: text, kubeConfigFile: optional(text) }),
  matchConditions: listOf(objectOf({ expression: text })),
});
const authorizer = objectOf({ type: text, name: text, webhook: optional(webhook) });
const fields = { authorizers: listOf(authorizer) };

export type WebhookConfiguration = ShapeOf<typeof webhook>;
/** One of those that are asked, in order. */
export type AuthorizerConfiguration = ShapeOf<typeof authorizer>;
/** What `--authorization-config` holds. */
export type AuthorizationConfiguration = ObjectOf<typeof fields>;

const defaultTtlMs = { authorized: 5 * 60_000, unauthorized: 30_000 };

/** How long answers are remembered, with what the file leaves out. */
export function ttlsOf(configuration: WebhookConfiguration): {
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
} {
  const { authorizedTTL, unauthorizedTTL, cacheAuthorizedRequests, cacheUnauthorizedRequests } = configuration;
  return {
    authorizedTtlMs: cacheAuthorizedRequests === false ? 0 : authorizedTTL || defaultTtlMs.authorized,
    unauthorizedTtlMs: cacheUnauthorizedRequests === false ? 0 : unauthorizedTTL || defaultTtlMs.unauthorized,
  };
}

/** Reads the file's text; what it asks for is not checked yet. */
export function readAuthorizationConfiguration(source: string): AuthorizationConfiguration {
  return readConfiguration(source, {
    kind: "AuthorizationConfiguration",
    versions: ["v1alpha1", "v1beta1", "v1"],
    fields,
  });
}
