import type { FlowSchema, PriorityLevelConfiguration } from "@tskube/api";
import { isTooManyRequests } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { everything, flowSchema, priorityLevel, users } from "../flow-control/bootstrap/builders.ts";
import { FlowControl } from "../flow-control/flow-control.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import { priorityAndFairness } from "./priority-and-fairness.ts";
import { requestInfo } from "./request-info.ts";

const schema: FlowSchema = flowSchema("alice", { level: "one", precedence: 5, rules: [everything(users("alice"))] });
const level: PriorityLevelConfiguration = priorityLevel("one", {
  type: "Limited",
  limited: {
    nominalConcurrencyShares: 1,
    borrowingLimitPercent: 0,
    limitResponse: { type: "Queue", queuing: { queues: 1, handSize: 1, queueLengthLimit: 2 } },
  },
});

describe("the filter of priority and fairness", () => {
  let clock: FakeClock;
  let control: FlowControl;
  let handled: (() => void)[];
  let filter: Handler;
  beforeEach(() => {
    clock = new FakeClock();
    control = new FlowControl({ clock, counts: { objects: () => 0, watchers: () => 0 } }, 6);
    control.configure([schema], [level]);
    handled = [];
    const next = () => new Promise<void>((resolve) => handled.push(resolve));
    filter = priorityAndFairness({ flowControl: control, clock, waitLimitMs: 15_000 })(next);
  });

  /** A request of alice, whose level has one seat; `gone` cuts its connection. */
  const ask = (target = "/api/v1/pods", method = "GET") => {
    const [path = "", text = ""] = target.split("?");
    const query = new URLSearchParams(text);
    const gone = new AbortController();
    const headers: Record<string, string> = {};
    const exchange = {
      url: { query },
      signal: gone.signal,
      setHeader: (name: string, value: string) => {
        headers[name] = value;
      },
    };
    const context = {
      exchange,
      info: requestInfo(method, path, query),
      user: { name: "alice", groups: [] },
    } as unknown as RequestContext;
    const answer = Promise.resolve(filter(context)).then(
      () => "handled",
      (error: unknown) => (isTooManyRequests(error) ? "refused" : String(error)),
    );
    return { answer, context, headers, gone };
  };
  const seats = () =>
    control.classify({ name: "alice", groups: [] }, requestInfo("GET", "/x", new URLSearchParams())).level.queueSet;

  it("hands a request on at once when there is a seat, and the next when that is free", async () => {
    const [first, second] = [ask(), ask()];
    expect(handled.length).to.equal(1);
    handled[0]?.();
    expect(await first.answer).to.equal("handled");
    await clock.advance(0);
    expect(handled.length).to.equal(2);
    handled[1]?.();
    expect(await second.answer).to.equal("handled");
    expect(clock.pending).to.equal(0);
    expect(first.headers).to.have.keys("x-kubernetes-pf-flowschema-uid", "x-kubernetes-pf-prioritylevel-uid");
  });

  it("sends away who has waited too long, and who finds the queue full", async () => {
    ask();
    const waiting = [ask(), ask()];
    expect(await ask().answer).to.equal("refused");
    await clock.advance(15_000);
    expect(await Promise.all(waiting.map(({ answer }) => answer))).to.deep.equal(["refused", "refused"]);
    expect(seats().waiting).to.equal(0);
    const [stats] = [...control.stats].filter((one) => one.schema === "alice");
    expect(stats?.rejected).to.deep.equal({ "queue-full": 1, "time-out": 2 });
  });

  it("forgets a request whose client has gone", async () => {
    ask();
    const leaving = ask();
    leaving.gone.abort();
    await leaving.answer;
    expect([seats().waiting, clock.pending]).to.deep.equal([0, 0]);
    expect(handled.length).to.equal(1);
  });

  it("gives a watch's seat back when it has begun", async () => {
    const watch = ask("/api/v1/pods?watch=1");
    expect(seats().seatsInUse).to.equal(1);
    watch.context.onStreaming?.();
    expect(seats().seatsInUse).to.equal(0);
    handled[0]?.();
    expect(await watch.answer).to.equal("handled");
    expect(seats().seatsInUse).to.equal(0);
  });

  it("gives the seat of a failed request back", async () => {
    const failing = priorityAndFairness({ flowControl: control, clock, waitLimitMs: 15_000 })(() => {
      throw new Error("no");
    });
    const { context } = ask();
    handled[0]?.();
    await clock.advance(0);
    const error = await Promise.resolve(failing(context)).catch((reason: unknown) => reason);
    expect(String(error)).to.equal("Error: no");
    expect(seats().seatsInUse).to.equal(0);
  });

  it("does not hold up what streams", () => {
    ask();
    ask("/api/v1/namespaces/n/pods/p/exec?command=sh", "POST");
    ask("/api/v1/namespaces/n/pods/p/log?follow=true");
    expect(handled.length).to.equal(3);
    expect(seats().seatsInUse).to.equal(1);
  });
});
