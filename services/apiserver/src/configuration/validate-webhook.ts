import { isAbsolute } from "node:path";
import { type FieldError, field, formatDuration, type Path } from "@tskube/apimachinery";
import { ttlsOf, type WebhookConfiguration } from "./authorization-configuration.ts";
import { compileAt } from "./compile-at.ts";
import type { AuthorizationContext } from "./validate-authorization.ts";

const maxTimeoutMs = 30_000;
const maxConditions = 64;

/** What is wrong with a webhook among the authorizers; `path` is the authorizer's, as upstream has it. */
export function validateWebhook(
  webhook: WebhookConfiguration,
  path: Path,
  context: AuthorizationContext,
): FieldError[] {
  return [
    ...validateTimes(webhook, path),
    ...validateVersions(webhook, path),
    ...oneOf(webhook.failurePolicy, path.child("failurePolicy"), ["NoOpinion", "Deny"]),
    ...validateConnection(webhook.connectionInfo, path.child("connectionInfo"), context.fileProblem),
    ...validateConditions(webhook.matchConditions, path.child("matchConditions"), context.compile),
  ];
}

function validateTimes(webhook: WebhookConfiguration, path: Path): FieldError[] {
  const { timeout } = webhook;
  const errors: FieldError[] = [];
  if (timeout === 0) errors.push(field.required(path.child("timeout")));
  else if (timeout > maxTimeoutMs || timeout < 0) {
    errors.push(field.invalid(path.child("timeout"), formatDuration(timeout), "must be > 0s and <= 30s"));
  }
  const { authorizedTtlMs, unauthorizedTtlMs } = ttlsOf(webhook);
  for (const [name, ttlMs] of [
    ["authorizedTTL", authorizedTtlMs],
    ["unauthorizedTTL", unauthorizedTtlMs],
  ] as const) {
    if (ttlMs < 0) errors.push(field.invalid(path.child(name), formatDuration(ttlMs), "must be > 0s"));
  }
  return errors;
}

function validateVersions(webhook: WebhookConfiguration, path: Path): FieldError[] {
  const { matchConditionSubjectAccessReviewVersion: conditionVersion, matchConditions } = webhook;
  const at = path.child("matchConditionSubjectAccessReviewVersion");
  const errors = oneOf(webhook.subjectAccessReviewVersion, path.child("subjectAccessReviewVersion"), ["v1", "v1beta1"]);
  if (conditionVersion !== "") return [...errors, ...oneOf(conditionVersion, at, ["v1"])];
  if (matchConditions.length === 0) return errors;
  return [...errors, field.required(at, "required if match conditions are specified")];
}

function oneOf(value: string, path: Path, allowed: readonly string[]): FieldError[] {
  if (value === "") return [field.required(path)];
  return allowed.includes(value) ? [] : [field.notSupported(path, value, allowed)];
}

function validateConnection(
  { type, kubeConfigFile }: WebhookConfiguration["connectionInfo"],
  path: Path,
  fileProblem: AuthorizationContext["fileProblem"],
): FieldError[] {
  const at = path.child("kubeConfigFile");
  if (type === "InClusterConfig") {
    if (kubeConfigFile === undefined) return [];
    return [field.invalid(at, kubeConfigFile, "can only be set when type=KubeConfigFile")];
  }
  if (type !== "KubeConfigFile") return oneOf(type, path.child("type"), ["InClusterConfig", "KubeConfigFile"]);
  if (!kubeConfigFile) return [field.required(at)];
  if (!isAbsolute(kubeConfigFile)) return [field.invalid(at, kubeConfigFile, "must be an absolute path")];
  const problem = fileProblem(kubeConfigFile);
  return problem === undefined ? [] : [field.invalid(at, kubeConfigFile, problem)];
}

function validateConditions(
  conditions: WebhookConfiguration["matchConditions"],
  path: Path,
  compile: AuthorizationContext["compile"],
): FieldError[] {
  if (conditions.length > maxConditions) return [field.tooMany(path, conditions.length, maxConditions)];
  return conditions.flatMap(({ expression }, index) => {
    const at = path.index(index).child("expression");
    if (expression.trim() === "") return [field.required(at)];
    const isRepeated = conditions.slice(0, index).some((other) => other.expression === expression);
    return isRepeated ? [field.duplicate(at, expression)] : compileAt(expression, "matchCondition", at, compile).errors;
  });
}
