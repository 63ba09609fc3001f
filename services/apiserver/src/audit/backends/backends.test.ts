import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { over, type TransportRequest } from "@tskube/client";
import { expect } from "chai";
import { CollectingBackend, countingMetrics, recorded } from "../testing/events.ts";
import { BufferedBackend } from "./buffered-backend.ts";
import { logBackend } from "./log-backend.ts";
import { truncatingBackend } from "./truncating-backend.ts";
import { webhookBackend } from "./webhook-backend.ts";

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
const open = new AbortController().signal;
const events = (...ids: string[]) => ids.map((auditId) => recorded({ auditId }));

describe("buffered audit backend", () => {
  const options = { bufferSize: 3, maxBufferBytes: 100, maxBatchSize: 2, maxBatchWaitMs: 1000, maxInFlight: 1 };
  const create = (more: Partial<typeof options> = {}) => {
    const clock = new FakeClock();
    const { metrics, text } = countingMetrics();
    const delegate = new CollectingBackend();
    const deps = { clock, logger: silentLogger, metrics, closing: open };
    return { clock, text, delegate, backend: new BufferedBackend(delegate, { ...options, ...more }, deps) };
  };

  it("hands on full batches at once and others when their time is over", async () => {
    const { backend, delegate, clock } = create();
    backend.process(events("a", "b"));
    await turns();
    backend.process(events("c"));
    await turns();
    expect(delegate.batches).to.deep.equal([["a", "b"]]);
    await clock.advance(1000);
    await turns();
    expect(delegate.batches).to.deep.equal([["a", "b"], ["c"]]);
    await backend.close();
  });

  it("counts what it has no room for and lets requests go on", async () => {
    const { backend, delegate, text } = create({ maxBatchSize: 10 });
    expect(backend.process(events("a", "b", "c", "d", "e"))).to.equal(true);
    expect(await text()).to.include('apiserver_audit_error_total{plugin="buffered"} 2');
    await backend.close();
    expect(delegate.batches).to.deep.equal([["a", "b", "c"]]);
  });

  it("has room for so many bytes of objects", async () => {
    const { backend, delegate, text } = create({ maxBatchSize: 10 });
    const large = (auditId: string) => recorded({ auditId, requestObject: "x".repeat(60) });
    backend.process([large("a"), large("b"), recorded({ auditId: "c" })]);
    expect(await text()).to.include('plugin="buffered"} 1');
    await backend.close();
    expect(delegate.batches).to.deep.equal([["a", "c"]]);
  });

  it("hands on what waits when it is closed, and takes nothing more", async () => {
    const { backend, delegate, text } = create({ bufferSize: 10 });
    backend.process(events("a", "b", "c"));
    await backend.close();
    expect(delegate.batches).to.deep.equal([["a", "b"], ["c"]]);
    expect(delegate.isClosed).to.equal(true);
    backend.process(events("d"));
    expect(await text()).to.include('plugin="buffered"} 1');
  });
});

describe("truncating audit backend", () => {
  const create = (limits: { maxEventBytes: number; maxBatchBytes: number }) => {
    const { metrics, text } = countingMetrics();
    const seen: object[] = [];
    const batches: number[] = [];
    const delegate = {
      process(batch: readonly { readonly json: string }[]) {
        batches.push(batch.length);
        seen.push(...batch.map(({ json }) => JSON.parse(json) as object));
        return true;
      },
      async close() {},
    };
    return { seen, batches, text, backend: truncatingBackend(delegate, limits, { metrics, logger: silentLogger }) };
  };
  const large = JSON.stringify({ data: "x".repeat(2000) });

  it("takes the objects from events that are too large and says so", async () => {
    const { backend, seen } = create({ maxEventBytes: 1500, maxBatchBytes: 10_000 });
    await backend.process([recorded({ level: "Request", requestObject: large }), recorded()]);
    expect(seen[0]).to.not.have.property("requestObject");
    expect(seen[0]).to.have.property("annotations").deep.equal({ "audit.k8s.io/truncated": "true" });
    expect(seen[1]).to.not.have.property("annotations");
  });

  it("drops and counts what is too large even so", async () => {
    const { backend, seen, text } = create({ maxEventBytes: 300, maxBatchBytes: 10_000 });
    await backend.process([recorded({ level: "Request", requestObject: large })]);
    expect(seen).to.deep.equal([]);
    expect(await text()).to.include('apiserver_audit_error_total{plugin="truncate"} 1');
  });

  it("splits batches that are too large", async () => {
    const size = Buffer.byteLength(recorded().json);
    const { backend, batches } = create({ maxEventBytes: size, maxBatchBytes: 2 * size });
    await backend.process([recorded(), recorded(), recorded()]);
    expect(batches).to.deep.equal([2, 1]);
  });
});

describe("webhook audit backend", () => {
  const create = (answers: readonly number[], closing: AbortSignal = open) => {
    const clock = new FakeClock();
    const { metrics, text } = countingMetrics();
    const requests: TransportRequest[] = [];
    const transport = over(async (request) => {
      requests.push(request);
      const status = answers[Math.min(requests.length, answers.length) - 1] ?? 500;
      return { status, headers: {}, body: (async function* () {})() };
    });
    const config = { server: "https://sink/audit", authorization: () => "Bearer t" };
    const deps = { transport, clock, logger: silentLogger, metrics, random: () => 0, closing };
    return { clock, text, requests, backend: webhookBackend(config, 10_000, deps) };
  };

  it("posts lists of events to the server of its kubeconfig", async () => {
    const { backend, requests } = create([200]);
    expect(await backend.process(events("a", "b"))).to.equal(true);
    expect(requests[0]).to.deep.include({ method: "POST", path: "/audit?timeout=30s" });
    expect(requests[0]?.headers).to.include({ authorization: "Bearer t", "content-type": "application/json" });
    const list = JSON.parse(String(requests[0]?.body)) as { kind: string; items: { auditID: string }[] };
    expect(list.kind).to.equal("EventList");
    expect(list.items.map(({ auditID }) => auditID)).to.deep.equal(["a", "b"]);
  });

  it("tries again with growing delays, five times in all", async () => {
    const { backend, requests, clock, text } = create([500]);
    const sent = backend.process(events("a"));
    for (const [index, delay] of [10_000, 15_000, 22_500, 33_750].entries()) {
      await turns();
      expect(requests.length).to.equal(index + 1);
      await clock.advance(delay);
    }
    expect(await sent).to.equal(false);
    expect(requests.length).to.equal(5);
    expect(await text()).to.include('apiserver_audit_error_total{plugin="webhook"} 1');
  });

  it("does not try again when the server ends", async () => {
    const ended = new AbortController();
    ended.abort();
    const { backend, requests } = create([500], ended.signal);
    expect(await backend.process(events("a"))).to.equal(false);
    expect(requests.length).to.equal(1);
  });
});

describe("log audit backend", () => {
  it("writes a line for each event and counts what cannot be written", async () => {
    const { metrics, text } = countingMetrics();
    const written: string[] = [];
    let isBroken = false;
    const sink = {
      async write(line: string) {
        if (isBroken) throw new Error("no space");
        written.push(line);
      },
      async close() {},
    };
    const backend = logBackend(sink, "json", { metrics, logger: silentLogger });
    expect(await backend.process(events("a", "b"))).to.equal(true);
    expect(written.join("").trimEnd().split("\n")).to.have.length(2);
    isBroken = true;
    expect(await backend.process(events("c"))).to.equal(false);
    expect(await text()).to.include('apiserver_audit_error_total{plugin="log"} 1');
  });
});
