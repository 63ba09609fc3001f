import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import fc from "fast-check";
import { requestInfo } from "../../filters/request-info.ts";
import { QueueSet } from "./queue-set.ts";
import type { Ticket } from "./ticket.ts";

const info = requestInfo("GET", "/api/v1/pods", new URLSearchParams());

const step = fc.oneof(
  fc.record({
    do: fc.constant("arrive" as const),
    flow: fc.integer({ min: 0, max: 5 }),
    initialSeats: fc.integer({ min: 1, max: 6 }),
    finalSeats: fc.integer({ min: 0, max: 6 }),
    additionalMs: fc.integer({ min: 0, max: 30 }),
  }),
  fc.record({ do: fc.constant("finish" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("leave" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("limit" as const), limit: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ do: fc.constant("shape" as const), queues: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 20 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A clock whose timers fire as soon as time passes them, without turns of the event loop. */
class QuickClock extends FakeClock {
  #offsetMs = 0;
  #timers: { readonly dueMs: number; readonly fn: () => void }[] = [];

  override monotonic(): number {
    return this.#offsetMs;
  }

  override after(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#offsetMs + delayMs, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number): void {
    this.#offsetMs += ms;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#offsetMs);
    this.#timers = this.#timers.filter(({ dueMs }) => dueMs > this.#offsetMs);
    for (const { fn } of due) fn();
  }
}

function act(set: QueueSet, clock: QuickClock, tickets: Ticket[], one: Step): void {
  const pick = (state: Ticket["state"], which: number) => {
    const found = tickets.filter((ticket) => ticket.state === state);
    return found[which % Math.max(1, found.length)];
  };
  switch (one.do) {
    case "arrive": {
      const { flow, ...work } = one;
      const distinguisher = String(flow);
      tickets.push(set.arrive({ work, flowSchema: "s", distinguisher, user: distinguisher, info }));
      return;
    }
    case "finish": {
      const ticket = pick("executing", one.which);
      if (ticket) set.finish(ticket);
      return;
    }
    case "leave": {
      const ticket = pick("waiting", one.which);
      if (ticket) set.leave(ticket, "cancelled");
      return;
    }
    case "limit":
      set.setLimit(one.limit);
      return;
    case "shape":
      set.configure({ queues: one.queues, handSize: 1, queueLengthLimit: 4 });
      return;
    case "wait":
      clock.pass(one.ms);
      return;
  }
}

describe("queues of a priority level, whatever happens", () => {
  it("give out no seat twice, forget nobody, and are idle when all is over", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = new QuickClock();
        const set = new QueueSet(clock, { queues: 4, handSize: 2, queueLengthLimit: 4 }, 4);
        const tickets: Ticket[] = [];
        let highestLimit = 4;
        for (const one of steps) {
          if (one.do === "limit") highestLimit = Math.max(highestLimit, one.limit);
          act(set, clock, tickets, one);
          const executing = tickets.filter(({ state }) => state === "executing");
          const waiting = tickets.filter(({ state }) => state === "waiting");
          expect(set.executing.size).to.equal(executing.length);
          expect(set.waiting).to.equal(waiting.length);
          expect(set.seatsWaiting).to.equal(waiting.reduce((sum, { seats }) => sum + seats, 0));
          // Wider than the limit is only who was alone when it began.
          const widest = Math.max(0, ...tickets.map(({ seats }) => seats));
          expect(set.seatsInUse).to.be.at.most(Math.max(highestLimit, widest));
        }
        set.setLimit(1_000);
        expect(set.waiting).to.equal(0);
        for (const ticket of tickets) set.finish(ticket);
        clock.pass(1_000);
        expect([set.seatsInUse, set.activeQueues, set.isIdle]).to.deep.equal([0, 0, true]);
        expect(tickets.every(({ state }) => state !== "waiting" && state !== "executing")).to.equal(true);
        expect(set.counts.dispatched + set.counts.rejected).to.equal(tickets.length);
      }),
      { numRuns: 300 },
    );
  });
});
