import { expect } from "chai";
import fc from "fast-check";
import { compileExpression } from "../auth/cel/expression.ts";
import { readAuthenticationConfiguration } from "./authentication-configuration.ts";
import { readAuthorizationConfiguration } from "./authorization-configuration.ts";
import { readEncryptionConfiguration } from "./encryption-configuration.ts";
import { validateAuthentication } from "./validate-authentication.ts";
import { validateAuthorization } from "./validate-authorization.ts";
import { validateEncryption } from "./validate-encryption.ts";

const authorization = { knownTypes: ["Webhook", "RBAC"], compile: compileExpression, fileProblem: () => undefined };
const kinds: readonly [kind: string, check: (source: string) => unknown, field: string][] = [
  ["EncryptionConfiguration", (source) => validateEncryption(readEncryptionConfiguration(source)), "resources"],
  [
    "AuthenticationConfiguration",
    (source) =>
      validateAuthentication(readAuthenticationConfiguration(source), {
        compile: compileExpression,
        disallowedIssuers: [],
      }),
    "jwt",
  ],
  [
    "AuthorizationConfiguration",
    (source) => validateAuthorization(readAuthorizationConfiguration(source), authorization),
    "authorizers",
  ],
];

/** Names that the kinds know, and some that no object should have. */
const name = fc.constantFrom(
  ...[
    "resources",
    "providers",
    "aescbc",
    "keys",
    "name",
    "secret",
    "kms",
    "issuer",
    "url",
    "audiences",
    "claimMappings",
  ],
  ...[
    "username",
    "claim",
    "expression",
    "prefix",
    "extra",
    "webhook",
    "timeout",
    "connectionInfo",
    "matchConditions",
    "type",
  ],
  ...["__proto__", "constructor", "toString"],
);
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true }));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(name, tie("tree"), { maxKeys: 4 }),
  ),
}));

for (const [kind, check, field] of kinds) {
  describe(`whatever stands in a file of kind ${kind}`, () => {
    it("is taken, or told to be wrong", () => {
      fc.assert(
        fc.property(tree, (value) => {
          const source = JSON.stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind, [field]: value });
          try {
            expect(check(source)).to.be.an("array");
          } catch (error) {
            expect((error as Error).message).to.match(/^(strict decoding error|cannot parse YAML|Object '|no kind)/);
          }
          expect(({} as Record<string, unknown>)["secret"]).to.equal(undefined);
        }),
      );
    });

    it("is told to be wrong when it is no object", () => {
      fc.assert(
        fc.property(fc.string(), (source) => {
          expect(() => check(source)).to.throw(Error);
        }),
      );
    });
  });
}
