import { readFileSync } from "node:fs";
import { list, type OptionValues, path, text } from "@tskube/component";
import type { JwtAuthenticator } from "../../configuration/authentication-configuration.ts";

/** Algorithms that tokens may be signed with; `none` and symmetric ones are not among them. */
export const signingAlgorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

export const oidcFlags = {
  oidcIssuerUrl: text("The issuer whose OpenID Connect tokens count, with the scheme https"),
  oidcClientId: text("Who the tokens of --oidc-issuer-url must be meant for"),
  oidcCaFile: path("The authority of the issuer's certificate; the system's when absent"),
  oidcUsernameClaim: text("The claim that is the user's name", { default: "sub" }),
  oidcUsernamePrefix: text(
    "What is put before names; the issuer and # when absent and the claim is not email, nothing when -",
    { default: "" },
  ),
  oidcGroupsClaim: text("The claim that is the user's groups", { default: "" }),
  oidcGroupsPrefix: text("What is put before groups", { default: "" }),
  oidcSigningAlgs: list("Algorithms that tokens may be signed with", { default: ["RS256"] }),
  oidcRequiredClaim: list("key=value that tokens must have", { value: "pairs" }),
};

type Values = OptionValues<typeof oidcFlags>;

export function hasOidcFlags(values: Values): boolean {
  return values.oidcIssuerUrl !== undefined || values.oidcClientId !== undefined;
}

/** The complaint about flags that do not go together. */
export function validateOidcFlags(values: Values): string | undefined {
  if ((values.oidcIssuerUrl === undefined) !== (values.oidcClientId === undefined)) {
    return "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set";
  }
  const unknown = values.oidcSigningAlgs.find((algorithm) => !signingAlgorithms.includes(algorithm));
  if (unknown !== undefined) return `oidc: unsupported signing alg: ${JSON.stringify(unknown)}`;
  const pair = values.oidcRequiredClaim.find((one) => !/^[^=]+=/.test(one));
  return pair === undefined ? undefined : `--oidc-required-claim must be key=value, not ${JSON.stringify(pair)}`;
}

/** What the flags ask for, as a configuration file would say it. */
export function jwtOfFlags(values: Values): JwtAuthenticator {
  const { oidcIssuerUrl: url = "", oidcUsernameClaim: claim, oidcUsernamePrefix: given } = values;
  const isFromIssuer = given === "" && claim !== "email";
  const prefix = given === "-" ? "" : isFromIssuer ? `${url}#` : given;
  const groups = { claim: values.oidcGroupsClaim, prefix: values.oidcGroupsPrefix, expression: "" };
  return {
    issuer: {
      url,
      discoveryURL: "",
      certificateAuthority: values.oidcCaFile === undefined ? "" : readFileSync(values.oidcCaFile, "utf8"),
      audiences: [values.oidcClientId ?? ""],
      audienceMatchPolicy: "",
      egressSelectorType: "",
    },
    claimValidationRules: values.oidcRequiredClaim.map((pair) => {
      const at = pair.indexOf("=");
      return { claim: pair.slice(0, at), requiredValue: pair.slice(at + 1), expression: "", message: "" };
    }),
    claimMappings: {
      username: { claim, prefix, expression: "" },
      groups: values.oidcGroupsClaim === "" ? { claim: "", prefix: undefined, expression: "" } : groups,
      uid: { claim: "", expression: "" },
      extra: [],
    },
    userValidationRules: [],
  };
}
