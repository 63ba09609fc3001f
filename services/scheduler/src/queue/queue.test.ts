import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { action, type ClusterEvent, type EventInterest } from "../framework/events.ts";
import type { QueuedPod } from "../framework/queued-pod.ts";
import { makePodInfo } from "../testing/index.ts";
import { KeyedHeap } from "./keyed-heap.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

const nodeAdd: ClusterEvent = { resource: "Node", actions: action.add, label: "NodeAdd" };
const podDelete: ClusterEvent = { resource: "AssignedPod", actions: action.delete, label: "AssignedPodDelete" };

describe("scheduling queue", () => {
  let clock: FakeClock;
  let queue: SchedulingQueue;
  beforeEach(() => {
    clock = new FakeClock();
    const interests = new Map<string, readonly EventInterest[]>([
      ["Fit", [{ resource: "Node", actions: action.add }]],
      ["Picky", [{ resource: "Node", actions: action.add, hint: () => "Skip" }]],
    ]);
    queue = new SchedulingQueue({
      clock,
      backoff: { initialMs: 1_000, maxMs: 10_000 },
      less: (a, b) => a.info.priority > b.info.priority,
      interestsOf: () => interests,
      allInterests: () => [interests],
      preEnqueue: () => undefined,
    });
  });
  afterEach(() => queue.close());

  function popRejected(...plugins: string[]): QueuedPod {
    const pod = queue.tryPop();
    if (!pod) throw new Error("nothing to pop");
    pod.rejectedBy.clear();
    for (const plugin of plugins) pod.rejectedBy.add(plugin);
    return pod;
  }

  it("moves a rejected pod when an event that its plugin waits for comes", () => {
    queue.add(makePodInfo());
    const pod = popRejected("Fit");
    queue.giveBack(pod, pod.info);
    queue.move(podDelete, undefined, undefined);
    expect(queue.sizes).to.include({ unschedulable: 1, backoff: 0 });
    queue.move(nodeAdd, undefined, undefined);
    expect(queue.sizes).to.include({ unschedulable: 0, backoff: 1 });
  });

  it("asks the plugin's hint before it moves a pod", () => {
    queue.add(makePodInfo());
    const pod = popRejected("Picky");
    queue.giveBack(pod, pod.info);
    queue.move(nodeAdd, undefined, undefined);
    expect(queue.sizes.unschedulable).to.equal(1);
  });

  it("has a pod see the events it missed while it was in flight", () => {
    queue.add(makePodInfo());
    const pod = popRejected("Fit");
    queue.move(nodeAdd, undefined, undefined);
    queue.giveBack(pod, pod.info);
    expect(queue.sizes).to.include({ unschedulable: 0, backoff: 1 });
  });

  it("looks again at pods that nothing has moved for five minutes", async () => {
    queue.start();
    queue.add(makePodInfo());
    const pod = popRejected("Picky");
    queue.giveBack(pod, pod.info);
    await clock.advance(4 * 60_000);
    expect(queue.sizes.unschedulable).to.equal(1);
    await clock.advance(2 * 60_000);
    expect(queue.sizes).to.include({ unschedulable: 0, active: 1 });
  });

  it("doubles the back-off after each breakage, and ends it by itself", async () => {
    queue.add(makePodInfo());
    for (const waitMs of [1_000, 2_000, 4_000]) {
      const pod = popRejected();
      queue.giveBack(pod, pod.info);
      await clock.advance(waitMs - 1);
      expect(queue.sizes).to.include({ backoff: 1, active: 0 });
      expect(queue.tryPop()).to.equal(undefined);
      await clock.advance(1);
      expect(queue.sizes).to.include({ backoff: 0, active: 1 });
    }
  });

  it("gives nothing of a deleted pod", () => {
    const info = makePodInfo();
    queue.add(info);
    queue.delete(info.uid);
    expect(queue.tryPop()).to.equal(undefined);
  });
});

describe("keyed heap", () => {
  it("comes out sorted whatever was changed and taken out of the middle", () => {
    const heap = new KeyedHeap<{ id: string; rank: number }>(
      ({ id }) => id,
      (a, b) => a.rank < b.rank,
    );
    for (let i = 0; i < 50; i++) heap.set({ id: `i${i}`, rank: (i * 37) % 50 });
    for (let i = 0; i < 50; i += 5) heap.delete(`i${i}`);
    for (let i = 1; i < 50; i += 5) heap.set({ id: `i${i}`, rank: (i * 13) % 50 });
    const ranks: number[] = [];
    for (let item = heap.pop(); item; item = heap.pop()) ranks.push(item.rank);
    expect(ranks).to.have.length(40);
    expect(ranks).to.deep.equal(ranks.toSorted((a, b) => a - b));
  });
});
