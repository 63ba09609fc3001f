import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { requestInfo } from "../../filters/request-info.ts";
import { QueueSet, type QueueSetConfig } from "./queue-set.ts";
import type { Ticket } from "./ticket.ts";
import { oneSeat, type Work } from "./work.ts";

const info = requestInfo("GET", "/api/v1/pods", new URLSearchParams());
const config: QueueSetConfig = { queues: 64, handSize: 8, queueLengthLimit: 50 };
const wide = (initialSeats: number): Work => ({ initialSeats, finalSeats: 0, additionalMs: 0 });

describe("queues of a priority level", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  const arrive = (set: QueueSet, distinguisher = "a", work: Work = oneSeat) =>
    set.arrive({ work, flowSchema: "s", distinguisher, user: distinguisher, info });
  const states = (tickets: readonly Ticket[]) => tickets.map(({ state }) => state);

  it("let requests through while there are seats, and then one for each that ends", async () => {
    const set = new QueueSet(clock, config, 2);
    const tickets = [arrive(set), arrive(set), arrive(set), arrive(set)];
    expect(states(tickets)).to.deep.equal(["executing", "executing", "waiting", "waiting"]);
    expect([set.seatsInUse, set.waiting, set.seatsWaiting]).to.deep.equal([2, 2, 2]);
    await clock.advance(10);
    set.finish(tickets[0] as Ticket);
    await (tickets[2] as Ticket).settled();
    expect(states(tickets)).to.deep.equal(["finished", "executing", "executing", "waiting"]);
    for (const ticket of tickets) set.finish(ticket);
    set.finish(tickets[3] as Ticket);
    expect([set.seatsInUse, set.waiting, set.activeQueues, set.isIdle]).to.deep.equal([0, 0, 0, true]);
    expect(set.counts.dispatched).to.equal(4);
  });

  it("serve a flow that asks little while another floods", async () => {
    const set = new QueueSet(clock, config, 4);
    const tickets = { flood: new Set<Ticket>(), modest: new Set<Ticket>() };
    const served = { flood: 0, modest: 0 };
    for (let n = 0; n < 300; n++) tickets.flood.add(arrive(set, "flood"));
    for (let round = 0; round < 50; round++) {
      while (tickets.modest.size < 4) tickets.modest.add(arrive(set, "modest"));
      await clock.advance(10);
      for (const ticket of [...set.executing]) {
        const flow = tickets.flood.delete(ticket) ? "flood" : "modest";
        tickets.modest.delete(ticket);
        served[flow]++;
        set.finish(ticket);
      }
    }
    expect(served.flood + served.modest).to.equal(200);
    // The flood fills eight queues, the other flow never more than four; each queue gets as much.
    expect(served.modest).to.be.within(50, 100);
  });

  it("take as many from each busy queue", async () => {
    const set = new QueueSet(clock, { queues: 2, handSize: 1, queueLengthLimit: 500 }, 1);
    const [first, second] = twoFlowsOfDifferentQueues(set);
    const blocker = arrive(set, first);
    const tickets = new Map<string, Ticket[]>([
      [first, Array.from({ length: 100 }, () => arrive(set, first))],
      [second, Array.from({ length: 10 }, () => arrive(set, second))],
    ]);
    set.finish(blocker);
    const order: string[] = [];
    for (let n = 0; n < 20; n++) {
      await clock.advance(3);
      for (const [flow, list] of tickets) {
        const ticket = list.find(({ state }) => state === "executing");
        if (!ticket) continue;
        order.push(flow);
        set.finish(ticket);
        break;
      }
    }
    const ofSecond = order.filter((flow) => flow === second).length;
    expect(ofSecond).to.be.within(9, 10);
  });

  it("send requests away when their queue is full", () => {
    const set = new QueueSet(clock, { queues: 1, handSize: 1, queueLengthLimit: 2 }, 1);
    const tickets = Array.from({ length: 5 }, () => arrive(set));
    expect(states(tickets)).to.deep.equal(["executing", "waiting", "waiting", "queue-full", "queue-full"]);
    expect(set.counts.rejected).to.equal(2);
  });

  it("send requests away at once where nothing is queued", () => {
    const set = new QueueSet(clock, { queues: 0, handSize: 0, queueLengthLimit: 0 }, 1);
    expect(states([arrive(set), arrive(set)])).to.deep.equal(["executing", "concurrency-limit"]);
  });

  it("let go of those who do not want to wait any longer", () => {
    const set = new QueueSet(clock, config, 1);
    const [first, late, gone] = [arrive(set), arrive(set), arrive(set, "b")];
    set.leave(late, "time-out");
    set.leave(gone, "cancelled");
    set.leave(first, "cancelled"); // too late
    expect(states([first, late, gone])).to.deep.equal(["executing", "time-out", "cancelled"]);
    expect([set.waiting, set.activeQueues, set.seatsInUse]).to.deep.equal([0, 1, 1]);
    expect(set.counts).to.deep.equal({ dispatched: 1, rejected: 2, timedOut: 1, cancelled: 1 });
  });

  it("let nobody pass a wide request that is next", () => {
    const set = new QueueSet(clock, { queues: 1, handSize: 1, queueLengthLimit: 10 }, 4);
    const small = [arrive(set), arrive(set)];
    const big = arrive(set, "a", wide(4));
    const later = arrive(set);
    expect(states([...small, big, later])).to.deep.equal(["executing", "executing", "waiting", "waiting"]);
    set.finish(small[0] as Ticket);
    expect(big.state).to.equal("waiting");
    set.finish(small[1] as Ticket);
    expect(states([big, later])).to.deep.equal(["executing", "waiting"]);
    set.finish(big);
    expect(later.state).to.equal("executing");
  });

  it("serve a request wider than the limit alone", () => {
    const set = new QueueSet(clock, config, 3);
    const small = arrive(set);
    const huge = arrive(set, "b", wide(10));
    expect(huge.state).to.equal("waiting");
    set.finish(small);
    expect(huge.state).to.equal("executing");
  });

  it("keep the seats for what follows an answer, as long as that takes", async () => {
    const set = new QueueSet(clock, config, 5);
    const write = arrive(set, "a", { initialSeats: 1, finalSeats: 4, additionalMs: 20 });
    expect(set.seatsInUse).to.equal(4);
    set.finish(write);
    const read = arrive(set, "b", wide(2));
    expect([write.state, set.seatsInUse, read.state]).to.deep.equal(["finished", 4, "waiting"]);
    await clock.advance(20);
    expect([set.seatsInUse, read.state]).to.deep.equal([2, "executing"]);
    set.finish(read);
    expect(set.activeQueues).to.equal(0);
  });

  it("dispatch more when the limit rises, and none while it is zero", () => {
    const set = new QueueSet(clock, config, 0);
    const tickets = [arrive(set), arrive(set)];
    expect(states(tickets)).to.deep.equal(["waiting", "waiting"]);
    set.setLimit(2);
    expect(states(tickets)).to.deep.equal(["executing", "executing"]);
  });

  it("change their number without losing anybody", () => {
    const set = new QueueSet(clock, config, 1);
    const tickets = Array.from({ length: 20 }, (_, n) => arrive(set, `user-${n}`));
    set.configure({ queues: 2, handSize: 1, queueLengthLimit: 5 });
    tickets.push(arrive(set, "another"));
    for (let n = 0; n < tickets.length; n++) {
      const ticket = tickets.find(({ state }) => state === "executing");
      if (ticket) set.finish(ticket);
    }
    expect(new Set(states(tickets))).to.deep.equal(new Set(["finished"]));
    expect(Math.max(...set.queues.map(({ index }) => index))).to.be.lessThan(2);
  });

  it("cost nothing before they are used, however many they are", () => {
    const set = new QueueSet(clock, { queues: 10_000_000, handSize: 2, queueLengthLimit: 5 }, 1_000_000);
    for (let n = 0; n < 5_000; n++) set.finish(arrive(set, `user-${n}`));
    expect(set.queues.length).to.be.at.most(3_000);
  });

  it("know how many seats were wanted", async () => {
    const set = new QueueSet(clock, config, 1);
    const first = arrive(set);
    const second = arrive(set);
    await clock.advance(500);
    set.finish(first);
    set.finish(second);
    await clock.advance(500);
    const { average, highest, deviation } = set.demand.take(clock.monotonic());
    expect([average, highest, deviation]).to.deep.equal([1, 2, 1]);
    await clock.advance(100);
    expect(set.demand.take(clock.monotonic())).to.deep.equal({ average: 0, highest: 0, deviation: 0 });
  });

  /** Flows that a hand of one gives different queues. */
  function twoFlowsOfDifferentQueues(set: QueueSet): readonly [string, string] {
    const queueOf = (flow: string) => {
      const ticket = arrive(set, flow);
      const index = ticket.queue?.index;
      set.finish(ticket);
      return index;
    };
    const first = queueOf("0");
    for (let n = 1; ; n++) if (queueOf(String(n)) !== first) return ["0", String(n)];
  }
});
