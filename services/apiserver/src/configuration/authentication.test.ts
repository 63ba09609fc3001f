import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { stringify } from "yaml";
import { compileExpression } from "../auth/cel/expression.ts";
import { readAuthenticationConfiguration } from "./authentication-configuration.ts";
import { validateAuthentication } from "./validate-authentication.ts";

const issuer = { url: "https://issuer.example.com", audiences: ["k8s"] };
const username = { claim: "sub", prefix: "" };
const valid = { issuer, claimMappings: { username } };
const context = { compile: compileExpression, disallowedIssuers: ["https://own"] };

function problems(jwt: readonly object[], more: object = {}): string[] {
  const document = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthenticationConfiguration", jwt, ...more };
  return validateAuthentication(readAuthenticationConfiguration(stringify(document)), context).map(
    field.fieldErrorMessage,
  );
}

describe("an AuthenticationConfiguration", () => {
  const cases: readonly [what: string, jwt: readonly object[], problems: readonly string[]][] = [
    ["may be empty", [], []],
    ["may have one issuer", [valid], []],
    [
      "needs a URL, audiences and a user's name",
      [{}],
      [
        "jwt[0].issuer.url: Required value",
        "jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required",
        "jwt[0].claimMappings.username: Required value: claim or expression is required",
      ],
    ],
    [
      "takes plain HTTPS URLs alone",
      [{ ...valid, issuer: { ...issuer, url: "http://u:p@issuer?a=b#c" } }],
      [
        'jwt[0].issuer.url: Invalid value: "http://u:p@issuer?a=b#c": URL scheme must be https',
        'jwt[0].issuer.url: Invalid value: "http://u:p@issuer?a=b#c": URL must not contain a username or password',
        'jwt[0].issuer.url: Invalid value: "http://u:p@issuer?a=b#c": URL must not contain a query',
        'jwt[0].issuer.url: Invalid value: "http://u:p@issuer?a=b#c": URL must not contain a fragment',
      ],
    ],
    [
      "does not take the cluster's own issuer",
      [{ ...valid, issuer: { ...issuer, url: "https://own" } }],
      ['jwt[0].issuer.url: Invalid value: "https://own": URL must not overlap with disallowed issuers: [https://own]'],
    ],
    [
      "does not discover where the issuer is",
      [{ ...valid, issuer: { ...issuer, discoveryURL: "https://issuer.example.com/" } }],
      [
        'jwt[0].issuer.discoveryURL: Invalid value: "https://issuer.example.com/": discoveryURL must be different from URL',
      ],
    ],
    ["has each issuer once", [valid, valid], ['jwt[1].issuer.url: Duplicate value: "https://issuer.example.com"']],
    [
      "says how several audiences match",
      [{ ...valid, issuer: { ...issuer, audiences: ["a", "b", "a", ""] } }],
      [
        'jwt[0].issuer.audiences[2]: Duplicate value: "a"',
        "jwt[0].issuer.audiences[3]: Required value",
        'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
      ],
    ],
    [
      "never shows an authority that is none",
      [{ ...valid, issuer: { ...issuer, certificateAuthority: "secret" } }],
      [
        'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
      ],
    ],
    [
      "has a prefix for every claim",
      [{ issuer, claimMappings: { username: { claim: "sub" }, groups: { claim: "g", expression: "claims.g" } } }],
      [
        "jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing",
        `jwt[0].claimMappings.groups: Invalid value: "": claim and expression can't both be set`,
      ],
    ],
    [
      "takes addresses as names only when they are verified",
      [{ issuer, claimMappings: { username: { expression: "claims.email" } } }],
      [
        'jwt[0].claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
      ],
    ],
    [
      "has rules of one kind each",
      [
        {
          ...valid,
          claimValidationRules: [
            { claim: "a", message: "m" },
            { claim: "a", expression: "true" },
            {},
            { expression: "true", requiredValue: "x" },
            { expression: "true" },
            { expression: "nobody.knows" },
            { expression: "claims.sub" },
          ],
        },
      ],
      [
        'jwt[0].claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set',
        `jwt[0].claimValidationRules[1]: Invalid value: "a": claim and expression can't both be set`,
        "jwt[0].claimValidationRules[2]: Required value: claim or expression is required",
        'jwt[0].claimValidationRules[3].requiredValue: Invalid value: "x": may not be specified when expression is set',
        'jwt[0].claimValidationRules[4].expression: Duplicate value: "true"',
        `jwt[0].claimValidationRules[5].expression: Invalid value: "nobody.knows": compilation failed: ERROR: <input>:1:1: undeclared reference to 'nobody' (in container '')\n | nobody.knows\n | ^`,
        'jwt[0].claimValidationRules[6].expression: Invalid value: "claims.sub": must evaluate to bool',
      ],
    ],
    [
      "keeps extra keys apart and out of Kubernetes' domains",
      [
        {
          issuer,
          claimMappings: {
            username,
            extra: [
              { key: "example.com/a", valueExpression: "claims.a" },
              { key: "example.com/a", valueExpression: "claims.b" },
              { key: "x.k8s.io/a", valueExpression: "claims.a" },
              { key: "example.com/B" },
            ],
          },
        },
      ],
      [
        'jwt[0].claimMappings.extra[1].key: Duplicate value: "example.com/a"',
        'jwt[0].claimMappings.extra[2].key: Invalid value: "x.k8s.io/a": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
        'jwt[0].claimMappings.extra[3].key: Invalid value: "example.com/B": must be lowercase',
        "jwt[0].claimMappings.extra[3].valueExpression: Required value",
      ],
    ],
    [
      "has an expression in each user rule, once",
      [
        {
          ...valid,
          userValidationRules: [{ message: "m" }, { expression: "user.uid == ''" }, { expression: "user.uid == ''" }],
        },
      ],
      [
        "jwt[0].userValidationRules[0].expression: Required value",
        `jwt[0].userValidationRules[2].expression: Duplicate value: "user.uid == ''"`,
      ],
    ],
  ];
  for (const [what, jwt, expected] of cases) {
    it(what, () => expect(problems(jwt)).to.deep.equal(expected));
  }

  it("has at most 64 issuers", () => {
    expect(problems(Array.from({ length: 65 }, () => valid))).to.deep.equal([
      "jwt: Too many: 65: must have at most 64 items",
    ]);
  });

  it("names paths for anonymous requests only where they are let in", () => {
    expect(problems([], { anonymous: { enabled: false, conditions: [{ path: "/livez" }] } })).to.deep.equal([
      'anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined',
    ]);
  });
});
