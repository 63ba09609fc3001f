import type { IncomingMessage } from "node:http";
import { FakeClock } from "@tskube/base/testing";
import { clientOver, over } from "@tskube/client";
import { expect } from "chai";
import { Access, type AccessOptions } from "./access.ts";
import { attributesOf } from "./authorization.ts";

const options: AccessOptions = {
  nodeName: "n1",
  acceptsAnonymous: false,
  asksAboutTokens: true,
  asksAboutRights: true,
};

interface Asked {
  readonly kind: string;
  readonly spec: {
    readonly token?: string;
    readonly user?: string;
    readonly resourceAttributes?: { readonly subresource: string };
  };
}

/** An API server that knows the token `good` and lets its user see metrics. */
function situation(overrides: Partial<AccessOptions> = {}) {
  const asked: Asked[] = [];
  const clock = new FakeClock();
  const transport = over(async (request) => {
    const review = JSON.parse(Buffer.from(request.body ?? "").toString()) as Asked;
    asked.push(review);
    const status =
      review.kind === "TokenReview"
        ? { authenticated: review.spec.token === "good", user: { username: "alice", groups: ["staff"] } }
        : { allowed: review.spec.resourceAttributes?.subresource === "metrics" };
    const body = [Buffer.from(JSON.stringify({ ...review, status }))];
    return { status: 201, headers: { "content-type": "application/json" }, body: toAsync(body) };
  });
  const client = clientOver(transport, { userAgent: "test", qps: -1, clock });
  return { asked, clock, access: new Access(client, clock, { ...options, ...overrides }) };
}

async function* toAsync(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function request(token?: string): IncomingMessage {
  return {
    method: "GET",
    headers: token ? { authorization: `Bearer ${token}` } : {},
    socket: {},
  } as unknown as IncomingMessage;
}

function withCertificate(subject: object): IncomingMessage {
  const socket = { authorized: true, getPeerCertificate: () => ({ subject }) };
  return { method: "GET", headers: {}, socket } as unknown as IncomingMessage;
}

const refusal = (check: Promise<unknown>) =>
  check.then(
    () => 200,
    (error: { code: number }) => error.code,
  );

describe("access to the kubelet's API", () => {
  it("is for users whom the API server knows and lets", async () => {
    const { access } = situation();
    expect(await access.check(request("good"), "/metrics/resource")).to.deep.include({
      name: "alice",
      groups: ["staff"],
    });
    expect(await refusal(access.check(request("good"), "/exec/ns/pod/main"))).to.equal(403);
    expect(await refusal(access.check(request("bad"), "/metrics"))).to.equal(401);
    expect(await refusal(access.check(request(), "/metrics"))).to.equal(401);
  });

  it("takes the user and groups from a verified certificate, without asking who it is", async () => {
    const { access, asked } = situation();
    const user = await access.check(withCertificate({ CN: "bob", O: ["ops", "dev"] }), "/metrics");
    expect(user).to.deep.equal({ name: "bob", groups: ["ops", "dev", "system:authenticated"] });
    expect(asked.map(({ kind }) => kind)).to.deep.equal(["SubjectAccessReview"]);
  });

  it("remembers answers for a while", async () => {
    const { access, asked, clock } = situation();
    for (let round = 0; round < 3; round++) await access.check(request("good"), "/metrics");
    expect(asked).to.have.length(2);
    await clock.advance(2 * 60_000 + 1);
    await access.check(request("good"), "/metrics");
    expect(asked.map(({ kind }) => kind)).to.deep.equal(["TokenReview", "SubjectAccessReview", "TokenReview"]);
  });

  it("lets the anonymous in where that is wanted, with the rights they have", async () => {
    const { access } = situation({ acceptsAnonymous: true });
    expect(await access.check(request(), "/metrics")).to.deep.include({ name: "system:anonymous" });
    expect(await refusal(access.check(request(), "/pods"))).to.equal(403);
  });

  it("asks about the subresource that a path stands for", () => {
    const subresources = (method: string, path: string) =>
      attributesOf(method, path).map(({ verb, subresource }) => `${verb} ${subresource}`);
    expect(subresources("GET", "/metrics/cadvisor")).to.deep.equal(["get metrics"]);
    expect(subresources("GET", "/stats/summary")).to.deep.equal(["get stats"]);
    expect(subresources("GET", "/pods")).to.deep.equal(["get pods", "get proxy"]);
    expect(subresources("POST", "/exec/ns/pod/main")).to.deep.equal(["create proxy"]);
    expect(subresources("GET", "/metricsx")).to.deep.equal(["get proxy"]);
  });
});
