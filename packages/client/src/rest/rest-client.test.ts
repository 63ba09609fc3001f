import { isConflict, isNotFound, StatusError } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { over, type TransportRequest, type TransportResponse } from "../transport/transport.ts";
import { tokenBucket, unlimited } from "./rate-limiter.ts";
import { createRestClient, type RestClientDeps } from "./rest-client.ts";
import { retryOnConflict } from "./retry.ts";

type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string } | Error;

/** A client whose server gives these answers in turn, the last one for ever. */
function answering(answers: readonly Answer[], more: Partial<RestClientDeps> = {}) {
  const clock = new FakeClock();
  const requests: TransportRequest[] = [];
  const transport = over(async (request): Promise<TransportResponse> => {
    const answer = answers[Math.min(requests.push(request), answers.length) - 1] as Answer;
    if (answer instanceof Error) throw answer;
    return { status: answer.status ?? 200, headers: answer.headers ?? {}, body: bodyOf(answer.body ?? "{}") };
  });
  const rest = createRestClient({
    transport,
    clock,
    logger: silentLogger,
    limiter: unlimited,
    userAgent: "test/1",
    ...more,
  });
  return { clock, requests, rest };
}

async function* bodyOf(text: string) {
  yield Buffer.from(text);
}

const reset = () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
const get = { method: "GET", path: "/api/v1/pods" } as const;

describe("REST client", () => {
  it("sends JSON with its name and the credentials of the moment", async () => {
    let token = "first";
    const { rest, requests } = answering([{}], { authorization: () => `Bearer ${token}` });
    await rest.json({
      method: "POST",
      path: "/api/v1/pods",
      query: { dryRun: "All", force: false, limit: undefined },
      body: { a: 1 },
    });
    token = "second";
    await rest.json(get);
    expect(requests[0]).to.deep.equal({
      method: "POST",
      path: "/api/v1/pods?dryRun=All",
      headers: {
        accept: "application/json",
        "user-agent": "test/1",
        authorization: "Bearer first",
        "content-type": "application/json",
      },
      body: '{"a":1}',
    });
    expect(requests[1]?.headers.authorization).to.equal("Bearer second");
  });

  it("throws the server's own Status", async () => {
    const status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "NotFound",
      message: 'pods "a" not found',
      code: 404,
    };
    const { rest } = answering([{ status: 404, body: JSON.stringify(status) }]);
    const error = await thrown(rest.json(get));
    expect(isNotFound(error)).to.equal(true);
    expect(String((error as Error).message)).to.equal('pods "a" not found');
  });

  it("makes a StatusError of an answer that is no Status, and quotes it", async () => {
    const { rest } = answering([{ status: 502, body: "<html>bad gateway</html>" }]);
    const error = await thrown(rest.json(get));
    expect(error).to.be.instanceOf(StatusError).and.to.include({ code: 502 });
    expect(String(error)).to.contain("bad gateway");
  });

  it("waits as long as the server asks and tries again, ten times at most", async () => {
    const { rest, clock, requests } = answering([{ status: 429, headers: { "retry-after": "2" } }]);
    const failed = thrown(rest.json(get));
    await clock.advance(1_999);
    expect(requests).to.have.length(1);
    await clock.advance(1);
    expect(requests).to.have.length(2);
    await clock.advance(60_000);
    expect(requests).to.have.length(11);
    expect(await failed).to.include({ code: 429 });
  });

  it("does not try again where the server names no time", async () => {
    const { rest, requests } = answering([{ status: 503 }]);
    await thrown(rest.json(get));
    expect(requests).to.have.length(1);
  });

  it("sends a read once more when its connection broke, and a write never", async () => {
    const reading = answering([reset(), { body: '{"ok":true}' }]);
    expect(await reading.rest.json(get)).to.deep.equal({ ok: true });
    const writing = answering([reset(), {}]);
    await thrown(writing.rest.json({ method: "POST", path: "/api/v1/pods", body: {} }));
    expect(writing.requests).to.have.length(1);
  });

  it("stops waiting for its turn or for the server when aborted", async () => {
    const { rest, clock, requests } = answering([{ status: 429, headers: { "retry-after": "60" } }]);
    const stop = new AbortController();
    const failed = thrown(rest.json({ ...get, signal: stop.signal }));
    await clock.advance(0);
    stop.abort(new Error("stopping"));
    expect(String(await failed)).to.contain("stopping");
    expect(requests).to.have.length(1);
    expect(clock.pending).to.equal(0);
  });

  it("refuses an answer that is longer than it may be", async () => {
    const { rest } = answering([{ body: "x".repeat(100) }], { maxResponseBytes: 10 });
    expect(String(await thrown(rest.json(get)))).to.contain("longer than 10 bytes");
  });
});

describe("token bucket", () => {
  it("lets a burst pass and then so many a second, in order", async () => {
    const clock = new FakeClock();
    const limiter = tokenBucket({ qps: 10, burst: 2, clock });
    const passed: number[] = [];
    for (let i = 0; i < 5; i++) void limiter.take().then(() => passed.push(i));
    await clock.advance(0);
    expect(passed).to.deep.equal([0, 1]);
    await clock.advance(100);
    expect(passed).to.deep.equal([0, 1, 2]);
    await clock.advance(200);
    expect(passed).to.deep.equal([0, 1, 2, 3, 4]);
  });
});

describe("retryOnConflict", () => {
  const conflict = StatusError.fromStatus({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    reason: "Conflict",
    code: 409,
  });

  it("runs again while there is a conflict, five times at most", async () => {
    const clock = new FakeClock();
    let runs = 0;
    const failed = thrown(
      retryOnConflict({ clock }, async () => {
        runs++;
        throw conflict;
      }),
    );
    await clock.advance(10_000);
    expect(isConflict(await failed)).to.equal(true);
    expect(runs).to.equal(5);
  });

  it("passes on every other failure at once", async () => {
    let runs = 0;
    await thrown(
      retryOnConflict({ clock: new FakeClock() }, async () => {
        runs++;
        throw new Error("other");
      }),
    );
    expect(runs).to.equal(1);
  });
});
