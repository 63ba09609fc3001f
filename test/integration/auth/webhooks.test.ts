import { expect } from "chai";
import { stringify } from "yaml";
import { eventually } from "../apiserver/eventually.ts";
import { at } from "../apiserver/open-test-server.ts";
import { kubeconfigOf, openHttps } from "./https-server.ts";
import { type Files, type OutsideServer, openFiles, openOutside } from "./outside-server.ts";

const own = "https://kubernetes.default.svc";

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token?: string; readonly audiences?: string[] } & Readonly<Record<string, unknown>>;
}

/** A server that answers reviews by a function that a test sets. */
async function openReviewer() {
  const reviews: Review[] = [];
  const answers = { status: (_review: Review): object | number => ({}) };
  const server = await openHttps((_path, body, headers) => {
    if (headers["authorization"] !== "Bearer apiserver-secret") return { status: 401, body: {} };
    const review = JSON.parse(body) as Review;
    reviews.push(review);
    const status = answers.status(review);
    return typeof status === "number" ? { status, body: {} } : { body: { ...review, status } };
  });
  return { server, reviews, answers };
}

describe("a server that is asked about tokens", () => {
  let reviewer: Awaited<ReturnType<typeof openReviewer>>;
  let files: Files;
  let server: OutsideServer;

  before(async () => {
    reviewer = await openReviewer();
    files = openFiles();
    const kubeconfig = files.write("authn.kubeconfig", kubeconfigOf(reviewer.server, "/authenticate"));
    server = await openOutside({
      authenticator: { apiAudiences: [own], webhook: { kubeconfig, version: "v1", cacheTtlMs: 60_000 } },
      authorizationModes: ["AlwaysAllow"],
    });
  });
  after(async () => {
    await server.close();
    reviewer.server.close();
    files.remove();
  });
  beforeEach(() => void reviewer.reviews.splice(0));

  it("names the user, and is asked once for a while", async () => {
    reviewer.answers.status = () => ({
      authenticated: true,
      user: { username: "ann", uid: "7", groups: ["dev"], extra: { "example.com/team": ["a"] } },
    });
    for (let i = 0; i < 3; i++) {
      const { json } = await server.whoAmI("opaque");
      expect(at(json, "status", "userInfo")).to.deep.equal({
        username: "ann",
        uid: "7",
        groups: ["dev", "system:authenticated"],
        extra: { "example.com/team": ["a"] },
      });
    }
    expect(reviewer.reviews.map(({ apiVersion, kind, spec }) => ({ apiVersion, kind, spec }))).to.deep.equal([
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "opaque", audiences: [own] } },
    ]);
    expect(reviewer.server.asked).to.deep.equal(["/authenticate"]);
  });

  it("may know the token for other audiences alone", async () => {
    reviewer.answers.status = () => ({ authenticated: true, user: { username: "ann" }, audiences: ["else"] });
    expect((await server.whoAmI("for-others")).status).to.equal(401);
  });

  it("may refuse the token, and is believed", async () => {
    reviewer.answers.status = () => ({ authenticated: false, error: "no such token" });
    expect((await server.whoAmI("unknown")).status).to.equal(401);
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "unknown" } };
    const { json } = await server.api.send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body);
    expect(at(json, "status", "error")).to.equal("no such token");
  });

  it("is asked again when it fails, and what it then says counts", async () => {
    reviewer.answers.status = () =>
      reviewer.reviews.length < 2 ? 500 : { authenticated: true, user: { username: "late" } };
    const { json } = await server.whoAmI("retried");
    expect(at(json, "status", "userInfo", "username")).to.equal("late");
    expect(reviewer.reviews.length).to.equal(2);
  });
});

describe("a server that is asked what may be done", () => {
  let reviewer: Awaited<ReturnType<typeof openReviewer>>;
  let files: Files;
  let server: OutsideServer;
  const webhook = (kubeconfig: string, more: object = {}) => ({
    type: "Webhook",
    name: "outside",
    webhook: {
      authorizedTTL: "1m",
      unauthorizedTTL: "1s",
      timeout: "1s",
      subjectAccessReviewVersion: "v1",
      failurePolicy: "NoOpinion",
      connectionInfo: { type: "KubeConfigFile", kubeConfigFile: kubeconfig },
      ...more,
    },
  });
  const configuration = (...authorizers: readonly object[]) =>
    stringify({ apiVersion: "apiserver.config.k8s.io/v1", kind: "AuthorizationConfiguration", authorizers });
  let kubeconfig = "";
  const take = async (...authorizers: readonly object[]) => {
    const count = async () => {
      const text = (await server.api.send("GET", "/metrics")).bytes.toString();
      return Number(
        /authorization_config_controller_automatic_reloads_total\{status="success"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0,
      );
    };
    const before = await count();
    files.write("authz.yaml", configuration(...authorizers));
    await eventually(async () => expect(await count()).to.equal(before + 1), 5_000);
  };

  before(async () => {
    reviewer = await openReviewer();
    files = openFiles();
    kubeconfig = files.write("authz.kubeconfig", kubeconfigOf(reviewer.server, "/authorize"));
    const configPath = files.write("authz.yaml", configuration(webhook(kubeconfig)));
    server = await openOutside({
      authenticator: { apiAudiences: [own], staticTokens: 'ann-token,ann,1,"dev"\nbob-token,bob,2' },
      authorization: { configPath },
    });
  });
  after(async () => {
    await server.close();
    reviewer.server.close();
    files.remove();
  });
  beforeEach(() => void reviewer.reviews.splice(0));
  const pods = "/api/v1/namespaces/default/pods";

  it("is told everything about the request, with its selectors, and remembered", async () => {
    reviewer.answers.status = () => ({ allowed: true });
    const path = `${pods}?labelSelector=app%20in%20(a,b),!old&fieldSelector=spec.nodeName%3Dn1`;
    expect((await server.ask("GET", path, "ann-token")).status).to.equal(200);
    expect((await server.ask("GET", path, "ann-token")).status).to.equal(200);
    expect(reviewer.reviews.length).to.equal(1);
    expect(reviewer.reviews[0]?.apiVersion).to.equal("authorization.k8s.io/v1");
    expect(reviewer.reviews[0]?.spec).to.deep.equal({
      resourceAttributes: {
        namespace: "default",
        verb: "list",
        version: "v1",
        resource: "pods",
        fieldSelector: { requirements: [{ key: "spec.nodeName", operator: "In", values: ["n1"] }] },
        labelSelector: {
          requirements: [
            { key: "app", operator: "In", values: ["a", "b"] },
            { key: "old", operator: "DoesNotExist" },
          ],
        },
      },
      user: "ann",
      uid: "1",
      groups: ["dev", "system:authenticated"],
    });
  });

  it("has the last word when it denies, and gives its reason", async () => {
    reviewer.answers.status = () => ({ allowed: false, denied: true, reason: "not on Sundays" });
    await take(webhook(kubeconfig), { type: "AlwaysAllow", name: "others" });
    const { status, json } = await server.ask("GET", pods, "bob-token");
    expect(status).to.equal(403);
    expect(at(json, "message")).to.equal(
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default": not on Sundays',
    );
  }).timeout(15_000);

  it("is asked only about what its conditions match", async () => {
    reviewer.answers.status = () => ({ allowed: false, denied: true });
    const matchConditions = [
      { expression: "has(request.resourceAttributes)" },
      { expression: "request.resourceAttributes.resource == 'secrets'" },
      { expression: "!('dev' in request.groups)" },
    ];
    await take(webhook(kubeconfig, { matchConditions, matchConditionSubjectAccessReviewVersion: "v1" }), {
      type: "AlwaysAllow",
      name: "others",
    });
    const secrets = "/api/v1/namespaces/default/secrets";
    expect((await server.ask("GET", pods, "bob-token")).status).to.equal(200);
    expect((await server.ask("GET", secrets, "ann-token")).status).to.equal(200);
    expect(reviewer.reviews).to.deep.equal([]);
    expect((await server.ask("GET", secrets, "bob-token")).status).to.equal(403);
    expect((await server.ask("GET", "/version", "bob-token")).status).to.equal(200);
  });

  it("that is gone leaves it to the others, or denies as its policy says", async () => {
    reviewer.answers.status = () => 404;
    await take(webhook(kubeconfig), { type: "AlwaysAllow", name: "others" });
    expect((await server.ask("GET", pods, "bob-token")).status).to.equal(200);
    await take(webhook(kubeconfig, { failurePolicy: "Deny" }), { type: "AlwaysAllow", name: "others" });
    expect((await server.ask("GET", pods, "bob-token")).status).to.equal(500);
    const review = { spec: { user: "bob", resourceAttributes: { verb: "list", resource: "pods" } } };
    const { json } = await server.api.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    expect(at(json, "status")).to.deep.equal({
      allowed: false,
      denied: true,
      evaluationError: "the server answered with status 404",
    });
  });

  it("cannot be joined by an authorizer that was not there at the start", async () => {
    reviewer.answers.status = () => ({ allowed: true });
    await take(webhook(kubeconfig));
    files.write("authz.yaml", configuration({ type: "RBAC", name: "rbac" }));
    await eventually(async () => {
      const text = (await server.api.send("GET", "/metrics")).bytes.toString();
      expect(text).to.match(
        /apiserver_authorization_config_controller_automatic_reloads_total\{status="failure"[^}]*\} 1/,
      );
    });
    expect((await server.ask("GET", pods, "bob-token")).status).to.equal(200);
  });
});
