import { expect } from "chai";
import { allowsAnonymous, authenticationFlags, authorizationFlags, validateAuthFlags } from "./auth-flags.ts";
import { jwtOfFlags } from "./oidc/oidc-flags.ts";

const flags = { ...authenticationFlags, ...authorizationFlags };
const defaults = Object.fromEntries(
  Object.entries(flags).map(([name, option]) => [name, option.default]),
) as Parameters<typeof validateAuthFlags>[0];
const oidc = { oidcIssuerUrl: "https://i", oidcClientId: "k8s" };

describe("flags of authentication and authorization", () => {
  const cases: readonly [what: string, values: Partial<typeof defaults>, problem: string | undefined][] = [
    ["may be left out", {}, undefined],
    ["may name an issuer", oidc, undefined],
    [
      "name issuer and client together",
      { oidcIssuerUrl: "https://i" },
      "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
    ],
    [
      "name an issuer in one place",
      { ...oidc, authenticationConfig: "/f" },
      "authentication-config file and oidc-* flags are mutually exclusive",
    ],
    ["name known algorithms", { ...oidc, oidcSigningAlgs: ["HS256"] }, 'oidc: unsupported signing alg: "HS256"'],
    ["name known modes", { authorizationMode: ["Guess"] }, 'authorization-mode "Guess" is not a valid mode'],
    [
      "name a mode once",
      { authorizationMode: ["RBAC", "RBAC"] },
      'authorization-mode ["RBAC","RBAC"] has mode specified more than once',
    ],
    [
      "name the policies of ABAC",
      { authorizationMode: ["ABAC"] },
      "authorization-mode ABAC's authorization policy file not passed",
    ],
    [
      "name policies for ABAC alone",
      { authorizationPolicyFile: "/p" },
      "cannot specify --authorization-policy-file without mode ABAC",
    ],
    [
      "name the webhook",
      { authorizationMode: ["Webhook"] },
      "authorization-mode Webhook's authorization config file not passed",
    ],
    [
      "name authorizers in one place",
      { authorizationConfig: "/f", authorizationMode: ["RBAC"] },
      "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined",
    ],
  ];
  for (const [what, values, problem] of cases) {
    it(what, () => expect(validateAuthFlags({ ...defaults, ...values })).to.equal(problem));
  }

  const prefixes: readonly [claim: string, prefix: string, expected: string][] = [
    ["sub", "", "https://i#"],
    ["email", "", ""],
    ["sub", "-", ""],
    ["email", "x:", "x:"],
  ];
  for (const [claim, prefix, expected] of prefixes) {
    it(`put ${JSON.stringify(expected)} before names of ${claim} with the prefix ${JSON.stringify(prefix)}`, () => {
      const jwt = jwtOfFlags({ ...defaults, ...oidc, oidcUsernameClaim: claim, oidcUsernamePrefix: prefix });
      expect(jwt.claimMappings.username).to.deep.equal({ claim, prefix: expected, expression: "" });
    });
  }

  it("let nobody be anonymous where everything is allowed", () => {
    const allowed = (more: Partial<typeof defaults>) => allowsAnonymous({ ...defaults, ...more });
    expect(allowed({})).to.equal(true);
    expect(allowed({ anonymousAuth: false })).to.equal(false);
    expect(allowed({ authorizationMode: ["AlwaysAllow"] })).to.equal(false);
  });

  it("require claims", () => {
    const { claimValidationRules } = jwtOfFlags({ ...defaults, ...oidc, oidcRequiredClaim: ["a=b=c"] });
    expect(claimValidationRules).to.deep.equal([{ claim: "a", requiredValue: "b=c", expression: "", message: "" }]);
  });
});
