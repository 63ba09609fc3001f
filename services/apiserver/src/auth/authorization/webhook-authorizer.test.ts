import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { ask, userNamed } from "../testing/ask.ts";
import type { ReviewClient } from "../webhook/review-client.ts";
import { unionAuthorizer } from "./union-authorizer.ts";
import { type WebhookAuthorizerOptions, webhookAuthorizer } from "./webhook-authorizer.ts";

const ann = userNamed("ann", "dev");

function setUp(status: object | Error, more: Partial<WebhookAuthorizerOptions> = {}) {
  const clock = new FakeClock();
  const reviews: object[] = [];
  const evaluated: string[] = [];
  const client: ReviewClient = {
    async ask(review) {
      reviews.push(review);
      if (status instanceof Error) throw status;
      return { status };
    },
    close() {},
  };
  const options: WebhookAuthorizerOptions = {
    name: "outside",
    version: "v1",
    authorizedTtlMs: 10_000,
    unauthorizedTtlMs: 1_000,
    failurePolicy: "NoOpinion",
    ...more,
  };
  const onEvaluated = (result: string, isOpen: boolean) => void evaluated.push(isOpen ? `${result}, open` : result);
  return { clock, reviews, evaluated, authorizer: webhookAuthorizer(options, { client, clock, onEvaluated }) };
}

describe("an authorizer that asks another server", () => {
  const decisions: readonly [status: object, decision: object][] = [
    [
      { allowed: true, reason: "yes" },
      { allowed: true, reason: "yes" },
    ],
    [
      { allowed: false, reason: "who?" },
      { allowed: false, denied: false, reason: "who?" },
    ],
    [{ denied: true }, { allowed: false, denied: true, reason: "" }],
    [{ allowed: "true" }, { allowed: false, denied: false, reason: "" }],
    [{}, { allowed: false, denied: false, reason: "" }],
  ];
  for (const [status, decision] of decisions) {
    it(`decides by ${JSON.stringify(status)}`, async () => {
      expect(await setUp(status).authorizer.authorize(ask(ann, "get pods dev/web"))).to.deep.equal(decision);
    });
  }

  it("denies what the server both allows and denies", async () => {
    const decision = await setUp({ allowed: true, denied: true }).authorizer.authorize(ask(ann, "get pods dev/web"));
    expect(decision).to.deep.include({ allowed: false, denied: true });
    expect(decision).to.have.nested.property(
      "error.message",
      "webhook subject access review returned both allow and deny response",
    );
  });

  it("remembers what is allowed longer than what is not", async () => {
    for (const [allowed, ttlMs] of [
      [true, 10_000],
      [false, 1_000],
    ] as const) {
      const { authorizer, clock, reviews } = setUp({ allowed });
      const twice = () => Promise.all([1, 2].map(() => authorizer.authorize(ask(ann, "get pods dev/web"))));
      await twice();
      await clock.advance(ttlMs - 1);
      await twice();
      expect(reviews.length).to.equal(1);
      await clock.advance(1);
      await twice();
      expect(reviews.length).to.equal(2);
    }
  });

  it("does not remember what somebody made long", async () => {
    const { authorizer, reviews } = setUp({ allowed: true });
    const long = ask(ann, "get pods dev/web", { name: "x".repeat(10_000) });
    await authorizer.authorize(long);
    await authorizer.authorize(long);
    expect(reviews.length).to.equal(2);
  });

  it("asks in the older version's words, which has no selectors", async () => {
    const { authorizer, reviews } = setUp({ allowed: true }, { version: "v1beta1" });
    await authorizer.authorize(ask(ann, "list pods dev", { fieldSelector: "spec.nodeName=n1" }));
    expect(reviews).to.deep.equal([
      {
        apiVersion: "authorization.k8s.io/v1beta1",
        kind: "SubjectAccessReview",
        metadata: { creationTimestamp: null },
        spec: {
          user: "ann",
          group: ["dev", "system:authenticated"],
          resourceAttributes: { namespace: "dev", verb: "list", version: "v1", resource: "pods" },
        },
        status: { allowed: false },
      },
    ]);
  });

  it("asks about paths", async () => {
    const { authorizer, reviews } = setUp({ allowed: true });
    await authorizer.authorize(ask(ann, "get /metrics"));
    expect(reviews[0]).to.have.deep.nested.property("spec.nonResourceAttributes", { path: "/metrics", verb: "get" });
    expect(reviews[0]).to.not.have.nested.property("spec.resourceAttributes");
  });

  it("has no opinion, or denies, when the server does not answer", async () => {
    const failure = new Error("no answer");
    const open = setUp(failure);
    expect(await open.authorizer.authorize(ask(ann, "get pods dev/web"))).to.deep.equal({
      allowed: false,
      denied: false,
      reason: "",
      error: failure,
    });
    const closed = setUp(new Error("context deadline exceeded"), { failurePolicy: "Deny" });
    expect(await closed.authorizer.authorize(ask(ann, "get pods dev/web"))).to.deep.include({ denied: true });
    expect([open.evaluated, closed.evaluated]).to.deep.equal([["error, open"], ["timeout"]]);
  });

  it("is not asked about what its conditions leave out, and fails as it would where they fail", async () => {
    const left = setUp({ allowed: true }, { matches: () => ({ matches: false }) });
    expect(await left.authorizer.authorize(ask(ann, "get pods dev/web"))).to.include({ allowed: false, denied: false });
    const error = new Error("no such key");
    const failing = setUp({ allowed: true }, { matches: () => ({ error }), failurePolicy: "Deny" });
    expect(await failing.authorizer.authorize(ask(ann, "get pods dev/web"))).to.deep.include({ denied: true, error });
    expect([...left.reviews, ...failing.reviews]).to.deep.equal([]);
  });
});

describe("several authorizers", () => {
  it("tell all that went wrong when none decides, and forget it when one does", async () => {
    const failing = (message: string) => setUp(new Error(message)).authorizer;
    const question = ask(ann, "get pods dev/web");
    const decision = await unionAuthorizer([failing("one"), failing("two")]).authorize(question);
    expect(decision).to.have.nested.property("error.message", "[one, two]");
    const allowing = setUp({ allowed: true }).authorizer;
    expect(await unionAuthorizer([failing("one"), allowing]).authorize(question)).to.deep.equal({
      allowed: true,
      reason: "",
    });
  });
});
