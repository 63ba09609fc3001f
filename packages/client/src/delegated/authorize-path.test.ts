import type { IncomingMessage } from "node:http";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { clientOver } from "../client.ts";
import { over } from "../transport/transport.ts";
import { createPathAuthorizer } from "./authorize-path.ts";

interface Review {
  readonly kind: string;
  readonly spec: { readonly token?: string; readonly user?: string; readonly nonResourceAttributes?: { path: string } };
}

/** An API server that knows the token `good` of a user who may see metrics. */
function situation() {
  const asked: Review[] = [];
  const clock = new FakeClock();
  const transport = over(async (request) => {
    const review = JSON.parse(Buffer.from(request.body ?? "").toString()) as Review;
    asked.push(review);
    const status =
      review.kind === "TokenReview"
        ? { authenticated: review.spec.token === "good", user: { username: "prometheus", groups: ["monitoring"] } }
        : { allowed: review.spec.user === "prometheus" && review.spec.nonResourceAttributes?.path === "/metrics" };
    return {
      status: 201,
      headers: { "content-type": "application/json" },
      body: chunks(Buffer.from(JSON.stringify({ ...review, status }))),
    };
  });
  const client = clientOver(transport, { userAgent: "test", qps: -1, clock });
  return { asked, authorize: createPathAuthorizer({ authentication: client, authorization: client }, clock) };
}

async function* chunks(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

const request = (url: string, token?: string): IncomingMessage =>
  ({
    method: "GET",
    url,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    socket: {},
  }) as unknown as IncomingMessage;

describe("authorization of a program's paths", () => {
  it("lets in who may see the path, whatever the query", async () => {
    const { authorize, asked } = situation();
    expect(await authorize(request("/metrics?name=x", "good"))).to.deep.equal({ allowed: true });
    expect(asked.map(({ kind }) => kind)).to.deep.equal(["TokenReview", "SubjectAccessReview"]);
    await authorize(request("/metrics", "good"));
    expect(asked, "answers are remembered").to.have.length(2);
  });

  it("refuses those who may not, nobody knows, or who say nothing of themselves", async () => {
    const { authorize } = situation();
    expect(await authorize(request("/configz", "good"))).to.deep.equal({
      allowed: false,
      status: 403,
      reason: 'User "prometheus" cannot get path "/configz"',
    });
    expect(await authorize(request("/metrics", "bad"))).to.deep.equal({
      allowed: false,
      status: 401,
      reason: "Unauthorized",
    });
    expect(await authorize(request("/metrics"))).to.deep.equal({
      allowed: false,
      status: 403,
      reason: 'User "system:anonymous" cannot get path "/metrics"',
    });
  });
});
