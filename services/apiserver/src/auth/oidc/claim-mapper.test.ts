import { expect } from "chai";
import { stringify } from "yaml";
import { readAuthenticationConfiguration } from "../../configuration/authentication-configuration.ts";
import { claimMapper } from "./claim-mapper.ts";

const username = { claim: "sub", prefix: "" };

function mapper(more: object) {
  const document = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthenticationConfiguration",
    jwt: [{ issuer: { url: "https://i", audiences: ["a"] }, claimMappings: { username }, ...more }],
  };
  const [jwt] = readAuthenticationConfiguration(stringify(document)).jwt;
  if (!jwt) throw new Error("no authenticator");
  return claimMapper(jwt);
}

describe("claims of a token", () => {
  const users: readonly [what: string, configuration: object, claims: object, user: object][] = [
    ["make a name", {}, { sub: "ann" }, { name: "ann", groups: [] }],
    [
      "make a name with a prefix and one group of a text",
      { claimMappings: { username: { claim: "sub", prefix: "i#" }, groups: { claim: "role", prefix: "g:" } } },
      { sub: "ann", role: "dev" },
      { name: "i#ann", groups: ["g:dev"] },
    ],
    [
      "may lack groups",
      { claimMappings: { username, groups: { claim: "groups", prefix: "" } } },
      { sub: "ann" },
      { name: "ann", groups: [] },
    ],
    [
      "name by an address that is verified",
      { claimMappings: { username: { claim: "email", prefix: "" } } },
      { email: "a@x", email_verified: true },
      { name: "a@x", groups: [] },
    ],
    [
      "leave out extra values that are empty",
      {
        claimMappings: {
          username,
          extra: [
            { key: "x.io/a", valueExpression: "claims.a" },
            { key: "x.io/b", valueExpression: "has(claims.b) ? claims.b : ''" },
            { key: "x.io/c", valueExpression: "['1', '', '2']" },
          ],
        },
      },
      { sub: "ann", a: "v" },
      { name: "ann", groups: [], extra: { "x.io/a": ["v"], "x.io/c": ["1", "2"] } },
    ],
  ];
  for (const [what, configuration, claims, user] of users) {
    it(what, () => expect(mapper(configuration)(claims as Record<string, unknown>)).to.deep.equal(user));
  }

  const refusals: readonly [what: string, configuration: object, claims: object, error: string][] = [
    ["without a name", {}, {}, 'oidc: parse username claims "sub": claim not present'],
    ["with a name that is no text", {}, { sub: 1 }, 'oidc: parse username claims "sub": not a string'],
    [
      "with a name from the prototype",
      { claimMappings: { username: { claim: "constructor", prefix: "" } } },
      {},
      'oidc: parse username claims "constructor": claim not present',
    ],
    [
      "with an address that is not verified",
      { claimMappings: { username: { claim: "email", prefix: "" } } },
      { email: "a@x", email_verified: false },
      "oidc: email not verified",
    ],
    [
      "whose expression makes no text",
      { claimMappings: { username: { expression: "claims.n + 1" } } },
      { n: 1 },
      "oidc: error evaluating username claim expression: username claim expression must return a string",
    ],
    [
      "that lack what an expression looks for",
      { claimMappings: { username: { expression: "claims.name" } } },
      {},
      "oidc: error evaluating username claim expression: no such key: name",
    ],
    [
      "that lack a required claim",
      { claimValidationRules: [{ claim: "hd", requiredValue: "x" }] },
      { sub: "a" },
      "oidc: required claim hd not present in ID token",
    ],
    [
      "that make a user who is not wanted",
      { userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: "reserved" }] },
      { sub: "system:admin" },
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved",
    ],
  ];
  for (const [what, configuration, claims, error] of refusals) {
    it(`are refused ${what}`, () => {
      expect(() => mapper(configuration)(claims as Record<string, unknown>)).to.throw(Error, error);
    });
  }
});
