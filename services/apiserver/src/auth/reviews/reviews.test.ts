import { unauthorized } from "@tskube/apimachinery";
import { createMetrics, silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { clusterBinding, clusterRole, rule, user } from "../../bootstrap/policy/build.ts";
import { type ClusterAuthorizer, createAuthorizer } from "../authorization/create-authorizer.ts";
import { nodeUser, userNamed } from "../testing/ask.ts";
import { FakeObjects } from "../testing/fake-objects.ts";
import type { ReviewDeps } from "./deps.ts";
import { reviewSelfSubject } from "./self-subject-review.ts";
import { reviewSelfSubjectRules } from "./self-subject-rules-review.ts";
import { reviewLocalSubjectAccess, reviewSelfSubjectAccess, reviewSubjectAccess } from "./subject-access-review.ts";
import { reviewToken } from "./token-review.ts";

const ann = userNamed("ann");
const authorization = { apiVersion: "authorization.k8s.io/v1" } as const;
const authentication = { apiVersion: "authentication.k8s.io/v1" } as const;

describe("the review resources", () => {
  const objects = new FakeObjects()
    .put("clusterroles.rbac.authorization.k8s.io", clusterRole("reader", [rule("get", "core", "pods")]))
    .put("clusterrolebindings.rbac.authorization.k8s.io", clusterBinding("reader", [user("ann")]));
  const metrics = createMetrics({ processFigures: false });
  let authorizer: ClusterAuthorizer;
  before(async () => {
    authorizer = await createAuthorizer({}, { objects, clock: new FakeClock(), logger: silentLogger, metrics });
  });
  after(() => authorizer.close());
  const deps: ReviewDeps = {
    get authorizer() {
      return authorizer;
    },
    apiAudiences: ["https://api"],
    tokens: {
      name: "test",
      async authenticateToken(token) {
        if (token === "good") return { user: { name: "bob", groups: ["devs"] } };
        if (token === "bad") throw unauthorized("token has expired");
        return undefined;
      },
    },
  };
  const pods = { verb: "get", resource: "pods", namespace: "dev" };

  it("tell whether I may", async () => {
    const review = (resourceAttributes: object) =>
      reviewSelfSubjectAccess(
        ann,
        { ...authorization, kind: "SelfSubjectAccessReview", metadata: { name: "" }, spec: { resourceAttributes } },
        deps,
      );
    expect((await review(pods)).status).to.deep.equal({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "reader" of ClusterRole "reader" to User "ann"',
    });
    expect((await review({ ...pods, verb: "delete" })).status).to.deep.equal({ allowed: false });
  });

  it("tell whether another may, and refuse questions without a subject", async () => {
    const review = (spec: object) =>
      reviewSubjectAccess(
        userNamed("root"),
        { ...authorization, kind: "SubjectAccessReview", metadata: { name: "" }, spec },
        deps,
      );
    expect((await review({ user: "ann", resourceAttributes: pods })).status?.allowed).to.equal(true);
    const error = await review({ resourceAttributes: pods }).catch((caught: Error) => caught);
    expect(error).to.have.property("message").that.contains("at least one of user or group must be specified");
  });

  it("keep local reviews to their namespace", async () => {
    const review = (namespace: string) =>
      reviewLocalSubjectAccess(
        ann,
        {
          ...authorization,
          kind: "LocalSubjectAccessReview",
          metadata: { name: "", namespace },
          spec: { user: "ann", resourceAttributes: pods },
        },
        deps,
      );
    expect((await review("dev")).status?.allowed).to.equal(true);
    expect(await review("prod").catch((caught: Error) => caught))
      .to.have.property("message")
      .that.contains('spec.resourceAttributes.namespace: Invalid value: "dev": must match metadata.namespace');
  });

  it("list what I may", async () => {
    const review = (who = ann) =>
      reviewSelfSubjectRules(
        who,
        { ...authorization, kind: "SelfSubjectRulesReview", metadata: { name: "" }, spec: { namespace: "dev" } },
        deps,
      );
    expect((await review()).status).to.deep.equal({
      resourceRules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }],
      nonResourceRules: [],
      incomplete: false,
    });
    expect((await review(nodeUser("n1"))).status).to.include({ incomplete: true });
  });

  it("tell whose token it is", async () => {
    const review = (token: string, audiences: string[] = []) =>
      reviewToken(
        ann,
        { ...authentication, kind: "TokenReview", metadata: { name: "" }, spec: { token, audiences } },
        deps,
      );
    expect((await review("good")).status).to.deep.equal({
      authenticated: true,
      user: { username: "bob", groups: ["devs", "system:authenticated"] },
      audiences: ["https://api"],
    });
    expect((await review("good", ["vault"])).status).to.include({ authenticated: false });
    expect((await review("bad")).status).to.deep.equal({ authenticated: false, user: {}, error: "token has expired" });
    expect((await review("unknown")).status).to.deep.equal({
      authenticated: false,
      user: {},
      error: "invalid bearer token",
    });
  });

  it("tell who I am", async () => {
    const { status } = await reviewSelfSubject(ann, { ...authentication, kind: "SelfSubjectReview" });
    expect(status).to.deep.equal({ userInfo: { username: "ann", groups: ["system:authenticated"] } });
  });
});
