import { expect } from "chai";
import { EventRing } from "./event-ring.ts";
import { anEntry, anEvent } from "./testing/entries.ts";

const revisions = (ring: EventRing, since: number) => ring.since(since)?.map((event) => event.revision);

describe("EventRing", () => {
  it("gives the events above a revision", () => {
    const ring = new EventRing({ events: 10, bytes: 1e6 }, 5);
    for (const revision of [6, 8, 9]) ring.add(anEvent("ADDED", anEntry("a/1", revision)));
    expect(revisions(ring, 5)).to.deep.equal([6, 8, 9]);
    expect(revisions(ring, 7)).to.deep.equal([8, 9]);
    expect(revisions(ring, 9)).to.deep.equal([]);
  });

  it("says so when they are no longer complete", () => {
    const ring = new EventRing({ events: 2, bytes: 1e6 }, 5);
    expect(revisions(ring, 4)).to.equal(undefined);
    for (const revision of [6, 7, 8]) ring.add(anEvent("ADDED", anEntry("a/1", revision)));
    expect(revisions(ring, 5)).to.equal(undefined);
    expect(revisions(ring, 6)).to.deep.equal([7, 8]);
    expect(ring.completeAfter).to.equal(6);
  });

  it("is bounded by bytes, but always holds the last event", () => {
    const ring = new EventRing({ events: 100, bytes: 1 }, 0);
    for (const revision of [1, 2, 3]) ring.add(anEvent("ADDED", anEntry("a/1", revision)));
    expect(revisions(ring, 2)).to.deep.equal([3]);
  });

  it("forgets thousands of events without keeping their places", () => {
    const ring = new EventRing({ events: 100, bytes: 1e9 }, 0);
    const entry = anEntry("a/1", 1);
    for (let revision = 1; revision <= 5000; revision++) ring.add(anEvent("ADDED", entry.at(revision)));
    expect(revisions(ring, 4998)).to.deep.equal([4999, 5000]);
    expect(revisions(ring, 4899)).to.equal(undefined);
  });
});
