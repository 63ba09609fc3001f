import { readFileSync } from "node:fs";
import { boolean, choice, duration, list, type OptionValues, path } from "@tskube/component";
import type { IssuerSource } from "./authentication/configured-authentication.ts";
import type { TokenWebhookOptions } from "./authentication/create-authenticator.ts";
import { type AuthorizationMode, authorizationModes } from "./authorization/authorizer-types.ts";
import type { AuthorizerOptions } from "./authorization/create-authorizer.ts";
import { hasOidcFlags, jwtOfFlags, oidcFlags, validateOidcFlags } from "./oidc/oidc-flags.ts";

const defaultModes: readonly string[] = ["Node", "RBAC"];
const webhookVersions = ["v1beta1", "v1"] as const;

export const authenticationFlags = {
  anonymousAuth: boolean("Requests without credentials are system:anonymous", { default: true }),
  enableBootstrapTokenAuth: boolean("Tokens of bootstrap Secrets count", { default: true }),
  tokenAuthFile: path("A file of static tokens"),
  authenticationConfig: path("The file that says which issuers' tokens count and who may be anonymous"),
  authenticationTokenWebhookConfigFile: path("The kubeconfig of a server that is asked about tokens"),
  authenticationTokenWebhookVersion: choice("The version of TokenReviews that it speaks", webhookVersions, {
    default: "v1beta1",
  }),
  authenticationTokenWebhookCacheTtl: duration("How long its answers are remembered", { default: 120_000 }),
  ...oidcFlags,
};

export const authorizationFlags = {
  authorizationMode: list("Who decides about requests, in order", { default: defaultModes, value: "modes" }),
  authorizationConfig: path("The file that says who decides about requests, in place of the modes"),
  authorizationPolicyFile: path("The policies of the mode ABAC"),
  authorizationWebhookConfigFile: path("The kubeconfig of the server that the mode Webhook asks"),
  authorizationWebhookVersion: choice("The version of SubjectAccessReviews that it speaks", webhookVersions, {
    default: "v1beta1",
  }),
  authorizationWebhookCacheAuthorizedTtl: duration("How long it is remembered what is allowed", { default: 300_000 }),
  authorizationWebhookCacheUnauthorizedTtl: duration("How long it is remembered what is not", { default: 30_000 }),
};

type AuthenticationValues = OptionValues<typeof authenticationFlags>;
type AuthorizationValues = OptionValues<typeof authorizationFlags>;

/** The complaint about flags that do not go together. */
export function validateAuthFlags(values: AuthenticationValues & AuthorizationValues): string | undefined {
  if (values.authenticationConfig !== undefined && hasOidcFlags(values)) {
    return "authentication-config file and oidc-* flags are mutually exclusive";
  }
  return validateOidcFlags(values) ?? validateModes(values);
}

function validateModes(values: AuthorizationValues): string | undefined {
  const { authorizationMode: modes, authorizationWebhookConfigFile: webhook, authorizationPolicyFile: policy } = values;
  if (values.authorizationConfig !== undefined) {
    const isDefault = modes.join() === defaultModes.join();
    if (isDefault && webhook === undefined) return undefined;
    return "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined";
  }
  const unknown = modes.find((mode) => !isMode(mode));
  if (unknown !== undefined) return `authorization-mode ${JSON.stringify(unknown)} is not a valid mode`;
  if (new Set(modes).size < modes.length)
    return `authorization-mode ${JSON.stringify(modes)} has mode specified more than once`;
  if (modes.includes("ABAC") !== (policy !== undefined)) {
    return policy === undefined
      ? "authorization-mode ABAC's authorization policy file not passed"
      : "cannot specify --authorization-policy-file without mode ABAC";
  }
  if (modes.includes("Webhook") === (webhook !== undefined)) return undefined;
  return webhook === undefined
    ? "authorization-mode Webhook's authorization config file not passed"
    : "cannot specify --authorization-webhook-config-file without mode Webhook";
}

function isMode(name: string): name is AuthorizationMode {
  return authorizationModes.some((mode) => mode === name);
}

export function modesOf(values: AuthorizationValues): AuthorizationMode[] {
  return values.authorizationMode.filter(isMode);
}

/** What the modes need besides, or the file in place of them. */
export function authorizationOptions(values: AuthorizationValues): Omit<AuthorizerOptions, "modes"> {
  const { authorizationConfig: configPath, authorizationPolicyFile: policy, authorizationWebhookConfigFile } = values;
  return {
    ...(configPath !== undefined && { configPath }),
    ...(policy !== undefined && { policy: readFileSync(policy, "utf8") }),
    ...(authorizationWebhookConfigFile !== undefined && {
      webhook: {
        kubeconfig: authorizationWebhookConfigFile,
        version: values.authorizationWebhookVersion,
        authorizedTtlMs: values.authorizationWebhookCacheAuthorizedTtl,
        unauthorizedTtlMs: values.authorizationWebhookCacheUnauthorizedTtl,
      },
    }),
  };
}

/** Where everything is allowed to everybody, everybody has to be somebody: nobody is anonymous then, whatever the flag says. */
export function allowsAnonymous(values: AuthenticationValues & AuthorizationValues): boolean {
  return values.anonymousAuth && !values.authorizationMode.includes("AlwaysAllow");
}

/** Who proves users besides the cluster itself. */
export function outsideAuthenticators(values: AuthenticationValues): {
  readonly issuers?: IssuerSource;
  readonly webhook?: TokenWebhookOptions;
} {
  const issuers = issuersOf(values);
  const kubeconfig = values.authenticationTokenWebhookConfigFile;
  return {
    ...(issuers && { issuers }),
    ...(kubeconfig !== undefined && {
      webhook: {
        kubeconfig,
        version: values.authenticationTokenWebhookVersion,
        cacheTtlMs: values.authenticationTokenWebhookCacheTtl,
      },
    }),
  };
}

function issuersOf(values: AuthenticationValues): IssuerSource | undefined {
  if (values.authenticationConfig !== undefined) return { path: values.authenticationConfig };
  return hasOidcFlags(values) ? { jwt: jwtOfFlags(values), algorithms: values.oidcSigningAlgs } : undefined;
}
