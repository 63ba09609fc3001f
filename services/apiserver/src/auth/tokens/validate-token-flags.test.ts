import { expect } from "chai";
import { type TokenFlags, validateTokenFlags } from "./validate-token-flags.ts";

const defaults: TokenFlags = {
  serviceAccountIssuer: ["https://kubernetes.default.svc.cluster.local"],
  serviceAccountMaxTokenExpiration: 0,
  serviceAccountJwksUri: undefined,
};

describe("flags of service account tokens", () => {
  const cases: readonly [flags: Partial<TokenFlags>, problem: string | undefined][] = [
    [{}, undefined],
    [{ serviceAccountIssuer: ["api", "https://api"] }, undefined],
    [{ serviceAccountIssuer: [] }, "service-account-issuer is a required flag"],
    [{ serviceAccountIssuer: ["a", "b", "a"] }, 'service-account-issuer "a" is already specified'],
    [
      { serviceAccountIssuer: ["http://[x"] },
      "service-account-issuer \"http://[x\" contained a ':' but was not a valid URL",
    ],
    [{ serviceAccountMaxTokenExpiration: 3_600_000 }, undefined],
    [
      { serviceAccountMaxTokenExpiration: 3_599_000 },
      "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds",
    ],
    [{ serviceAccountJwksUri: "https://keys" }, undefined],
    [
      { serviceAccountJwksUri: "http://keys" },
      "service-account-jwks-uri requires https scheme, parsed as: http://keys",
    ],
  ];
  for (const [flags, problem] of cases) {
    it(`${JSON.stringify(flags)} are ${problem ? "refused" : "taken"}`, () => {
      expect(validateTokenFlags({ ...defaults, ...flags })).to.equal(problem);
    });
  }
});
