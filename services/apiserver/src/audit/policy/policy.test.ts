import { expect } from "chai";
import { requestInfo } from "../../filters/request-info.ts";
import { policyEvaluator } from "./evaluate-policy.ts";
import { readPolicy } from "./read-policy.ts";

const head = { apiVersion: "audit.k8s.io/v1", kind: "Policy" };
const read = (rules: readonly object[], more: object = {}) => readPolicy(JSON.stringify({ ...head, ...more, rules }));
const ann = { name: "ann", groups: ["devs", "system:authenticated"] };

const info = (method: string, target: string) => {
  const [path = "", query = ""] = target.split("?");
  return requestInfo(method, path, new URLSearchParams(query));
};

describe("audit policy", () => {
  const wrong: readonly [string, readonly object[], string][] = [
    ["without rules", [], "loaded illegal policy with 0 rules"],
    ["without a level", [{}], "rules[0].level: Required value"],
    [
      "with an unknown level",
      [{ level: "All" }],
      'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    [
      "with a stage that is none",
      [{ level: "None", omitStages: ["Begin"] }],
      'rules[0].omitStages[0]: Invalid value: "Begin": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [
      "with a group and its version",
      [{ level: "None", resources: [{ group: "Apps/v1" }] }],
      /^rules\[0\]\.resources\.group: Invalid value: "Apps\/v1": a lowercase RFC 1123 subdomain must consist of/.source,
    ],
    [
      "with names of no resource",
      [{ level: "None", resources: [{ resourceNames: ["a"] }] }],
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      "with resources and paths",
      [{ level: "None", namespaces: ["a"], nonResourceURLs: ["/x"] }],
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      "with a path that is none",
      [{ level: "None", nonResourceURLs: ["x*y"] }],
      `[rules[0].nonResourceURLs[0]: Invalid value: "x*y": non-resource URL rules must begin with a '/' character, rules[0].nonResourceURLs[0]: Invalid value: "x*y": non-resource URL wildcards '*' must be the final character of the rule]`,
    ],
  ];
  for (const [what, rules, message] of wrong) {
    it(`is refused ${what}`, () => {
      const pattern = message.startsWith("^") ? new RegExp(message) : message;
      expect(() => read(rules)).to.throw(pattern);
    });
  }

  it("is refused in another kind or version", () => {
    expect(() => readPolicy("kind: Policy\napiVersion: audit.k8s.io/v2\nrules: []")).to.throw(
      'failed decoding: no kind "Policy" is registered for version "audit.k8s.io/v2"',
    );
    expect(() => readPolicy("rules: []")).to.throw("failed decoding: Object 'Kind' is missing");
    expect(() => readPolicy("[]")).to.throw("failed decoding");
    expect(() => readPolicy("kind: Policy\napiVersion: audit.k8s.io/v1\nrules: 3")).to.throw("failed decoding");
  });

  it("tells of fields that it does not know and goes without them", () => {
    const told: string[] = [];
    const policy = readPolicy(JSON.stringify({ ...head, rules: [{ level: "None", user: ["ann"] }] }), (problem) =>
      told.push(problem),
    );
    expect(told).to.deep.equal(['unknown field "rules[0].user"']);
    expect(policy.rules[0]?.users).to.deep.equal([]);
  });

  const matching: readonly [string, object, string, string, boolean][] = [
    ["everything", {}, "GET", "/api/v1/pods", true],
    ["a user", { users: ["ann"] }, "GET", "/version", true],
    ["another user", { users: ["bob"] }, "GET", "/version", false],
    ["a group", { userGroups: ["devs"] }, "GET", "/version", true],
    ["another group", { userGroups: ["ops"] }, "GET", "/version", false],
    ["a verb", { verbs: ["list"] }, "GET", "/api/v1/pods", true],
    ["another verb", { verbs: ["watch"] }, "GET", "/api/v1/pods", false],
    ["a namespace", { namespaces: ["a"] }, "GET", "/api/v1/namespaces/a/pods", true],
    ["no namespace", { namespaces: [""] }, "GET", "/api/v1/nodes", true],
    ["a namespace, no path", { namespaces: ["a"] }, "GET", "/version", false],
    ["a group of the API", { resources: [{ group: "apps" }] }, "GET", "/apis/apps/v1/deployments", true],
    ["the core group", { resources: [{ group: "" }] }, "GET", "/apis/apps/v1/deployments", false],
    ["all resources", { resources: [{ resources: ["*"] }] }, "GET", "/api/v1/namespaces/a/pods/p/log", true],
    ["pods, not their logs", { resources: [{ resources: ["pods"] }] }, "GET", "/api/v1/namespaces/a/pods/p/log", false],
    ["a subresource", { resources: [{ resources: ["pods/log"] }] }, "GET", "/api/v1/namespaces/a/pods/p/log", true],
    ["any subresource", { resources: [{ resources: ["pods/*"] }] }, "GET", "/api/v1/namespaces/a/pods/p/log", true],
    ["pods by all of theirs", { resources: [{ resources: ["pods/*"] }] }, "GET", "/api/v1/namespaces/a/pods/p", true],
    ["a subresource of any", { resources: [{ resources: ["*/log"] }] }, "GET", "/api/v1/namespaces/a/pods/p/log", true],
    [
      "a name",
      { resources: [{ resources: ["pods"], resourceNames: ["p"] }] },
      "GET",
      "/api/v1/namespaces/a/pods/p",
      true,
    ],
    [
      "another name",
      { resources: [{ resources: ["pods"], resourceNames: ["q"] }] },
      "GET",
      "/api/v1/namespaces/a/pods/p",
      false,
    ],
    ["a path", { nonResourceURLs: ["/version"] }, "GET", "/version", true],
    ["paths below", { nonResourceURLs: ["/healthz*"] }, "GET", "/healthz/etcd", true],
    ["all paths", { nonResourceURLs: ["*"] }, "GET", "/version", true],
    ["paths, no resources", { nonResourceURLs: ["*"] }, "GET", "/api/v1/pods", false],
  ];
  for (const [what, rule, method, target, isMatch] of matching) {
    it(`that asks for ${what} ${isMatch ? "takes" : "leaves"} ${method} ${target}`, () => {
      const evaluate = policyEvaluator(read([{ level: "Metadata", ...rule }]));
      expect(evaluate(info(method, target), ann).level).to.equal(isMatch ? "Metadata" : "None");
    });
  }

  it("lets the first rule that matches decide, with the stages that the policy omits", () => {
    const evaluate = policyEvaluator(
      read(
        [
          { level: "None", verbs: ["get"] },
          { level: "Request", omitStages: ["Panic"], omitManagedFields: false },
          { level: "RequestResponse" },
        ],
        { omitStages: ["RequestReceived"], omitManagedFields: true },
      ),
    );
    expect(evaluate(info("GET", "/version"), ann).level).to.equal("None");
    expect(evaluate(info("GET", "/api/v1/pods"), ann)).to.deep.equal({
      level: "Request",
      omitStages: new Set(["RequestReceived", "Panic"]),
      omitManagedFields: false,
    });
  });

  it("takes a request of nobody for one that no user's rule matches", () => {
    const evaluate = policyEvaluator(read([{ level: "None", userGroups: ["devs"] }, { level: "Metadata" }]));
    expect(evaluate(info("GET", "/version"), undefined).level).to.equal("Metadata");
  });
});
