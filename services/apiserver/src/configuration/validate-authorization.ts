import { dns1123SubdomainErrors, type FieldError, field, Path } from "@tskube/apimachinery";
import type { AuthorizationConfiguration, AuthorizerConfiguration } from "./authorization-configuration.ts";
import type { Compile } from "./validate-authentication.ts";
import { validateWebhook } from "./validate-webhook.ts";

export interface AuthorizationContext {
  readonly knownTypes: readonly string[];
  readonly compile: Compile;
  /** What is wrong with a kubeconfig's path as a file, or undefined. */
  readonly fileProblem: (path: string) => string | undefined;
}

/** What is wrong with an authorization configuration, in upstream's words. */
export function validateAuthorization(
  { authorizers }: AuthorizationConfiguration,
  context: AuthorizationContext,
): FieldError[] {
  const root = Path.of("authorizers");
  if (authorizers.length === 0) return [field.required(root, "at least one authorization mode must be defined")];
  return authorizers.flatMap((one, index) =>
    validateAuthorizer(one, root.index(index), authorizers.slice(0, index), context),
  );
}

function validateAuthorizer(
  one: AuthorizerConfiguration,
  path: Path,
  before: readonly AuthorizerConfiguration[],
  context: AuthorizationContext,
): FieldError[] {
  const { type, webhook } = one;
  if (type === "") return [field.required(path.child("type"))];
  if (!context.knownTypes.includes(type)) {
    return [field.notSupported(path.child("type"), type, [...context.knownTypes].sort())];
  }
  if (type !== "Webhook" && before.some((other) => other.type === type)) {
    return [field.duplicate(path.child("type"), type)];
  }
  const errors = validateName(one.name, path.child("name"), before);
  if (type !== "Webhook") {
    if (!webhook) return errors;
    return [...errors, field.invalid(path.child("webhook"), "non-null", "may only be specified when type=Webhook")];
  }
  if (!webhook) return [...errors, field.required(path.child("webhook"), "required when type=Webhook")];
  return [...errors, ...validateWebhook(webhook, path, context)];
}

function validateName(name: string, path: Path, before: readonly AuthorizerConfiguration[]): FieldError[] {
  if (name === "") return [field.required(path)];
  if (before.some((other) => other.name === name)) return [field.duplicate(path, name)];
  const problems = dns1123SubdomainErrors(name);
  return problems.length === 0 ? [] : [field.invalid(path, name, `authorizer name is invalid: ${problems.join(", ")}`)];
}
