import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { stringify } from "yaml";
import { compileExpression } from "../auth/cel/expression.ts";
import { readAuthorizationConfiguration, ttlsOf } from "./authorization-configuration.ts";
import { validateAuthorization } from "./validate-authorization.ts";

const connectionInfo = { type: "KubeConfigFile", kubeConfigFile: "/there" };
const webhook = { timeout: "3s", subjectAccessReviewVersion: "v1", failurePolicy: "NoOpinion", connectionInfo };
const context = {
  knownTypes: ["Webhook", "Node", "RBAC"],
  compile: compileExpression,
  fileProblem: (path: string) => (path === "/there" ? undefined : "error loading file: not there"),
};
const read = (...authorizers: readonly object[]) =>
  readAuthorizationConfiguration(
    stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration", authorizers }),
  );
const asked = (more: object) => ({ type: "Webhook", name: "w", webhook: { ...webhook, ...more } });

describe("an AuthorizationConfiguration", () => {
  const cases: readonly [what: string, authorizers: readonly object[], problems: readonly string[]][] = [
    ["may be of types with names", [{ type: "Node", name: "node" }, { type: "RBAC", name: "rbac" }, asked({})], []],
    ["is not empty", [], ["authorizers: Required value: at least one authorization mode must be defined"]],
    [
      "has known types, the fixed ones once",
      [{ name: "x" }, { type: "Guess", name: "g" }, { type: "Node", name: "a" }, { type: "Node", name: "b" }],
      [
        "authorizers[0].type: Required value",
        'authorizers[1].type: Unsupported value: "Guess": supported values: "Node", "RBAC", "Webhook"',
        'authorizers[3].type: Duplicate value: "Node"',
      ],
    ],
    [
      "has names that are DNS names, each once",
      [{ type: "Node" }, { type: "RBAC", name: "A_b" }, { ...asked({}), name: "A_b" }],
      [
        "authorizers[0].name: Required value",
        "authorizers[1].name: Invalid value: \"A_b\": authorizer name is invalid: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        'authorizers[2].name: Duplicate value: "A_b"',
      ],
    ],
    [
      "has a webhook exactly where the type says so",
      [
        { type: "Webhook", name: "w" },
        { type: "RBAC", name: "r", webhook },
      ],
      [
        "authorizers[0].webhook: Required value: required when type=Webhook",
        'authorizers[1].webhook: Invalid value: "non-null": may only be specified when type=Webhook',
      ],
    ],
    [
      "says everything about a webhook",
      [{ type: "Webhook", name: "w", webhook: {} }],
      [
        "authorizers[0].timeout: Required value",
        "authorizers[0].subjectAccessReviewVersion: Required value",
        "authorizers[0].failurePolicy: Required value",
        "authorizers[0].connectionInfo.type: Required value",
      ],
    ],
    [
      "keeps times within bounds",
      [asked({ timeout: "31s", authorizedTTL: "-1s" })],
      [
        'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s',
        'authorizers[0].authorizedTTL: Invalid value: "-1s": must be > 0s',
      ],
    ],
    [
      "names a kubeconfig that is there",
      [
        asked({ connectionInfo: { type: "KubeConfigFile", kubeConfigFile: "here" } }),
        { ...asked({ connectionInfo: { type: "KubeConfigFile", kubeConfigFile: "/gone" } }), name: "v" },
      ],
      [
        'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "here": must be an absolute path',
        'authorizers[1].connectionInfo.kubeConfigFile: Invalid value: "/gone": error loading file: not there',
      ],
    ],
    [
      "has conditions that compile, each once, in a version",
      [
        asked({
          matchConditions: [
            { expression: " " },
            { expression: "true" },
            { expression: "true" },
            { expression: "a.b" },
            { expression: "request.user" },
            { expression: "request.usr == ''" },
          ],
        }),
      ],
      [
        "authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified",
        "authorizers[0].matchConditions[0].expression: Required value",
        'authorizers[0].matchConditions[2].expression: Duplicate value: "true"',
        `authorizers[0].matchConditions[3].expression: Invalid value: "a.b": compilation failed: ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.b\n | ^`,
        'authorizers[0].matchConditions[4].expression: Invalid value: "request.user": must evaluate to bool',
        `authorizers[0].matchConditions[5].expression: Invalid value: "request.usr == ''": compilation failed: ERROR: <input>:1:8: undefined field 'usr'\n | request.usr == ''\n | .......^`,
      ],
    ],
  ];
  for (const [what, authorizers, expected] of cases) {
    it(what, () => {
      expect(validateAuthorization(read(...authorizers), context).map(field.fieldErrorMessage)).to.deep.equal(expected);
    });
  }

  it("remembers for five minutes what is allowed and for half a minute what is not, unless it says otherwise", () => {
    const ttls = (more: object) => {
      const [first] = read(asked(more)).authorizers;
      return first?.webhook && ttlsOf(first.webhook);
    };
    expect(ttls({})).to.deep.equal({ authorizedTtlMs: 300_000, unauthorizedTtlMs: 30_000 });
    expect(ttls({ authorizedTTL: "10s", cacheUnauthorizedRequests: false })).to.deep.equal({
      authorizedTtlMs: 10_000,
      unauthorizedTtlMs: 0,
    });
  });
});
