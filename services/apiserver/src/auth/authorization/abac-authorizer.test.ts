import { expect } from "chai";
import { ask, userNamed } from "../testing/ask.ts";
import { abacAuthorizer } from "./abac-authorizer.ts";

const ann = userNamed("ann", "dev");
const anonymous = { name: "system:anonymous", groups: ["system:unauthenticated"] };
const policy = (spec: object) =>
  JSON.stringify({ apiVersion: "abac.authorization.kubernetes.io/v1beta1", kind: "Policy", spec });

describe("ABAC", () => {
  const cases: readonly [line: string, question: string, isAllowed: boolean][] = [
    [policy({ user: "ann", namespace: "*", resource: "*", apiGroup: "*" }), "delete pods default/x", true],
    [policy({ user: "bob", namespace: "*", resource: "*", apiGroup: "*" }), "get pods default/x", false],
    [policy({ group: "dev", namespace: "default", resource: "pods", apiGroup: "" }), "get pods default/x", true],
    [policy({ group: "dev", namespace: "default", resource: "pods", apiGroup: "" }), "get pods other/x", false],
    [
      policy({ group: "dev", namespace: "default", resource: "pods", apiGroup: "" }),
      "get pods.metrics.k8s.io default/x",
      false,
    ],
    [policy({ user: "ann", group: "ops", namespace: "*", resource: "*", apiGroup: "*" }), "get pods default/x", false],
    [policy({ user: "ann", readonly: true, namespace: "*", resource: "*", apiGroup: "*" }), "watch pods default", true],
    [
      policy({ user: "ann", readonly: true, namespace: "*", resource: "*", apiGroup: "*" }),
      "create pods default",
      false,
    ],
    [policy({ user: "*", nonResourcePath: "*" }), "get /metrics", true],
    [policy({ user: "*", nonResourcePath: "/healthz*" }), "get /healthz/etcd", true],
    [policy({ user: "*", nonResourcePath: "/healthz" }), "get /healthz/etcd", false],
    [policy({ user: "ann", nonResourcePath: "*" }), "get pods default/x", false],
    [policy({ namespace: "*", resource: "*", apiGroup: "*" }), "get pods default/x", false],
    ['{"user":"ann"}', "get /metrics", true],
    ['{"user":"ann","resource":"pods","readonly":true}', "list pods.metrics.k8s.io any", true],
    ['{"user":"ann","resource":"pods"}', "get /metrics", false],
    ['{"resource":"pods"}', "get pods default/x", true],
  ];
  for (const [line, question, isAllowed] of cases) {
    it(`${isAllowed ? "allows" : "leaves"} "${question}" by ${line}`, async () => {
      const decision = await abacAuthorizer(`# a comment\n\n${line}\n`).authorize(ask(ann, question));
      expect(decision).to.deep.equal(
        isAllowed ? { allowed: true, reason: "" } : { allowed: false, denied: false, reason: "No policy matched." },
      );
    });
  }

  it("means by everybody those who have proven to be somebody", async () => {
    const authorizer = abacAuthorizer(policy({ user: "*", namespace: "*", resource: "*", apiGroup: "*" }));
    expect((await authorizer.authorize(ask(ann, "get pods default/x"))).allowed).to.equal(true);
    expect((await authorizer.authorize(ask(anonymous, "get pods default/x"))).allowed).to.equal(false);
  });

  it("does not start with a line that is no policy", () => {
    expect(() => abacAuthorizer("{}\n{nonsense")).to.throw(/^error reading policy file, line 1: {nonsense/);
    expect(() => abacAuthorizer('{"apiVersion":"v9","kind":"Policy"}')).to.throw(/unknown kind v9, Policy/);
  });
});
