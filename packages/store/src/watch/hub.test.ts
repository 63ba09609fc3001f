import { expect } from "chai";
import { StoreError } from "../errors.ts";
import type { StoreEvent } from "../store.ts";
import { WatchHub } from "./hub.ts";
import { RecentEvents } from "./recent-events.ts";
import { Subscription } from "./subscription.ts";

const limits = { maxEvents: 3, maxBytes: 1_000_000 };

function put(key: string, revision: number): StoreEvent {
  const item = { key, value: Buffer.from("x"), modRevision: revision, createRevision: revision, version: 1 };
  return { type: "put", key, revision, item };
}

function startedHub(revision = 10): WatchHub {
  const hub = new WatchHub(new RecentEvents({ maxEvents: 4 }));
  hub.start(revision);
  return hub;
}

function attach(hub: WatchHub, prefix: string, fromRevision: number): Subscription {
  const subscription = new Subscription({ prefix }, fromRevision, limits);
  hub.attach(subscription);
  return subscription;
}

const keys = (events: readonly StoreEvent[]) => events.map(({ key }) => key);

describe("watch hub", () => {
  it("offers a late subscription what it still remembers", () => {
    const hub = startedHub();
    hub.publish([put("/a", 11), put("/b", 12), put("/a", 13)], 13);
    expect(keys(attach(hub, "/a", 12).take(hub.revision))).to.deep.equal(["/a"]);
    expect(keys(attach(hub, "/", 11).take(hub.revision))).to.deep.equal(["/a", "/b", "/a"]);
  });

  it("keeps few of the revisions that may never come, and the nearest first", () => {
    const hub = startedHub();
    const subscription = attach(hub, "/a", 11);
    subscription.wantProgress(12);
    for (let far = 0; far < 5_000; far++) subscription.wantProgress(1e9 + far);
    hub.progressWanted(subscription);
    expect(subscription.wanted).to.equal(1_024);
    hub.publish([], 12);
    expect(subscription.isReady).to.equal(true);
  });

  it("forgets whole revisions and says from where it remembers", () => {
    const hub = startedHub();
    expect([hub.covers(10), hub.covers(11)]).to.deep.equal([false, true]);
    hub.publish([put("/a", 11), put("/b", 11), put("/c", 12), put("/d", 13), put("/e", 14)], 14);
    expect([hub.covers(11), hub.covers(12)]).to.deep.equal([false, true]);
    expect(keys(attach(hub, "/", 12).take(hub.revision))).to.deep.equal(["/c", "/d", "/e"]);
  });

  it("stops offering to a detached subscription", () => {
    const hub = startedHub();
    const subscription = attach(hub, "/", 11);
    hub.detach(subscription);
    hub.publish([put("/a", 11)], 11);
    expect(subscription.isReady).to.equal(false);
  });

  it("tells progress when the revision asked for is complete, and not before", () => {
    const hub = startedHub();
    const subscription = attach(hub, "/a", 11);
    subscription.wantProgress(12);
    hub.progressWanted(subscription);
    hub.publish([put("/b", 11)], 11);
    expect(subscription.isReady).to.equal(false);
    hub.publish([put("/b", 12)], 12);
    expect(subscription.isReady).to.equal(true);
    expect(subscription.take(hub.revision)).to.deep.equal([]);
    expect(subscription.nextRevision).to.equal(13);
  });

  it("cuts a subscription that takes nothing, at a revision from which it can resume", () => {
    const hub = startedHub();
    const subscription = attach(hub, "/", 11);
    hub.publish(
      [11, 12, 13, 14].map((revision) => put("/a", revision)),
      14,
    );
    expect(() => subscription.take(hub.revision))
      .to.throw(StoreError)
      .that.includes({ code: "slowWatcher", resumeRevision: 11 });
  });

  it("ends subscriptions that a gap in the feed concerns", () => {
    const hub = startedHub();
    const concerned = attach(hub, "/", 11);
    const later = attach(hub, "/", 100);
    hub.start(50);
    expect(() => concerned.take(hub.revision))
      .to.throw(StoreError)
      .that.includes({ code: "compacted" });
    expect(later.isReady).to.equal(false);
  });
});
