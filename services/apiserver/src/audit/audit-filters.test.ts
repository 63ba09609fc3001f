import { notFound, tooManyRequests, unauthorized } from "@tskube/apimachinery";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { panicGuard } from "../filters/panic-guard.ts";
import { chain, type Filter, type Handler } from "../http/context.ts";
import { requestListener } from "../http/handle-exchange.ts";
import { createMemoryServer } from "../http/listener.ts";
import { memoryTransport } from "../http/memory-transport.ts";
import { auditAuthentication, auditRequests } from "./audit-filters.ts";
import type { RecordedEvent } from "./backend.ts";
import { policyEvaluator } from "./policy/evaluate-policy.ts";
import { readPolicy } from "./policy/read-policy.ts";
import { countingMetrics } from "./testing/events.ts";

const ann = { name: "ann", groups: ["devs"] };
const metadata = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "RequestResponse" }] };

/** A server with nothing but the filters of audit around `handler`. */
function serve(handler: Handler, more: { readonly policy?: object; readonly authenticate?: Filter } = {}) {
  const events: Record<string, unknown>[] = [];
  const { metrics, text } = countingMetrics();
  const state = { isSafe: true };
  const backend = {
    process(recorded: readonly RecordedEvent[]) {
      events.push(...recorded.map(({ json }) => JSON.parse(json) as Record<string, unknown>));
      return state.isSafe;
    },
    async close() {},
  };
  const evaluate = policyEvaluator(readPolicy(JSON.stringify({ ...metadata, ...more.policy })));
  const auditing = { evaluate, backend, metrics, clock: new FakeClock() };
  const asAnn: Filter = (next) => async (context) => {
    context.user = ann;
    await next(context);
  };
  const filters = [
    panicGuard(silentLogger),
    auditAuthentication(auditing),
    more.authenticate ?? asAnn,
    auditRequests(auditing),
  ];
  const transport = memoryTransport(createMemoryServer(requestListener(chain(filters, handler))), ann);
  const get = async (path: string, headers = {}) => {
    const answer = await transport.send({ method: "GET", path, headers });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { status: answer.status, body: Buffer.concat(chunks).toString() };
  };
  return { get, events, text, state };
}

const ok: Handler = ({ exchange }) => exchange.send(200, {}, "ok");
const stagesOf = (events: readonly Record<string, unknown>[]) => events.map(({ stage }) => stage);

describe("audit filters", () => {
  it("record a request as it arrives and as it ends", async () => {
    const { get, events, text } = serve(ok);
    await get("/version");
    expect(stagesOf(events)).to.deep.equal(["RequestReceived", "ResponseComplete"]);
    expect(events[0]).to.not.have.property("responseStatus");
    expect(events[1]).to.have.property("responseStatus").deep.equal({ metadata: {}, code: 200 });
    expect(await text()).to.include("apiserver_audit_event_total 2");
    expect(await text()).to.include('apiserver_audit_level_total{level="RequestResponse"} 1');
  });

  it("leave alone what the policy does not want", async () => {
    const { get, events, text } = serve(
      (context) => {
        expect(context.exchange.audit).to.equal(undefined);
        return ok(context);
      },
      { policy: { rules: [{ level: "None" }] } },
    );
    expect((await get("/version")).status).to.equal(200);
    expect(events).to.deep.equal([]);
    expect(await text()).to.include('apiserver_audit_level_total{level="None"} 1');
  });

  it("record the Status of refusals, 429 among them", async () => {
    const { get, events } = serve(
      () => {
        throw tooManyRequests("Too many requests, please try again later.", 1);
      },
      { policy: { omitStages: ["RequestReceived"] } },
    );
    expect((await get("/api/v1/pods")).status).to.equal(429);
    expect(events[0]?.["responseStatus"]).to.include({ code: 429, reason: "TooManyRequests", status: "Failure" });
    expect(events[0]?.["responseObject"]).to.have.property("kind", "Status");
  });

  it("record a fault of ours as a panic", async () => {
    const { get, events } = serve(() => {
      throw new TypeError("oops");
    });
    expect((await get("/version")).status).to.equal(500);
    expect(stagesOf(events)).to.deep.equal(["RequestReceived", "Panic"]);
    expect(events[1]?.["responseStatus"]).to.deep.include({
      code: 500,
      reason: "InternalError",
      message: "APIServer panic'd: oops",
    });
  });

  it("record the code of an answer that broke off", async () => {
    const { get, events } = serve(({ exchange }) => {
      exchange.begin(200, {});
      exchange.write(Buffer.from("part"));
      throw notFound({ group: "", resource: "pods" }, "x");
    });
    await get("/version").catch(() => {});
    expect(events.at(-1)?.["responseStatus"]).to.deep.equal({ metadata: {}, code: 200 });
  });

  it("record the start of what streams", async () => {
    const { get, events } = serve(ok);
    await get("/api/v1/pods?watch=true");
    expect(stagesOf(events)).to.deep.equal(["RequestReceived", "ResponseStarted", "ResponseComplete"]);
    expect(events[1]?.["responseStatus"]).to.deep.equal({ metadata: {}, code: 200 });
  });

  it("record failed authentication once, by the rules for everybody", async () => {
    const { get, events } = serve(ok, {
      policy: { rules: [{ level: "None", users: ["ann"] }, { level: "Metadata" }] },
      authenticate: () => () => {
        throw unauthorized("Unauthorized");
      },
    });
    expect((await get("/version")).status).to.equal(401);
    expect(stagesOf(events)).to.deep.equal(["ResponseStarted"]);
    expect(events[0]).to.have.property("user").deep.equal({});
  });

  it("refuse what cannot be recorded", async () => {
    const { get, state, text } = serve(() => {
      throw new Error("must not be reached");
    });
    state.isSafe = false;
    expect(await get("/version")).to.deep.equal({
      status: 500,
      body: 'Internal Server Error: "/version": failed to store audit event\n',
    });
    expect(await text()).to.include("apiserver_audit_requests_rejected_total 1");
  });

  it("name everybody on the way of the request", async () => {
    const { get, events } = serve(
      async (context) => {
        context.user = { name: "bob", groups: [] };
        context.exchange.audit?.annotate("k", "first");
        context.exchange.audit?.annotate("k", "second");
        await ok(context);
      },
      { policy: { omitStages: ["RequestReceived"] } },
    );
    await get("/version", {
      "x-forwarded-for": "203.0.113.7, nonsense, ::ffff:10.0.0.2",
      "x-real-ip": "203.0.113.7",
      "user-agent": "a".repeat(2000),
    });
    expect(events[0]).to.deep.include({
      user: { username: "ann", groups: ["devs"] },
      impersonatedUser: { username: "bob" },
      sourceIPs: ["203.0.113.7", "10.0.0.2", "127.0.0.1"],
      annotations: { k: "first" },
    });
    expect(events[0]?.["userAgent"]).to.equal(`${"a".repeat(1024)}...TRUNCATED`);
  });
});
