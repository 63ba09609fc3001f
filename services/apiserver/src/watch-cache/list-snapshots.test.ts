import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { ListSnapshots } from "./list-snapshots.ts";
import { anEntry } from "./testing/entries.ts";

const entries = ["a/1", "a/2", "b/1"].map((key, i) => anEntry(key, i + 1));

describe("list snapshots", () => {
  it("give what comes after a key as it was, for a while", async () => {
    const clock = new FakeClock();
    const snapshots = new ListSnapshots(clock);
    snapshots.keep("", 7, entries);
    expect(snapshots.from("", 7, "a/1\0")?.map(({ key }) => key)).to.deep.equal(["a/2", "b/1"]);
    expect(snapshots.from("", 7, "c")).to.deep.equal([]);
    expect(snapshots.from("", 8, "a/1\0")).to.equal(undefined);
    expect(snapshots.from("a", 7, "a/1\0")).to.equal(undefined);
    await clock.advance(60_001);
    expect(snapshots.from("", 7, "a/1\0")).to.equal(undefined);
  });

  it("let go of what they hold although nobody asks again, and leave no timer", async () => {
    const clock = new FakeClock();
    const snapshots = new ListSnapshots(clock);
    snapshots.keep("", 7, entries);
    await clock.advance(30_000);
    snapshots.keep("", 8, entries);
    await clock.advance(30_000);
    expect(snapshots.size).to.equal(1);
    await clock.advance(60_000);
    expect([snapshots.size, clock.pending]).to.deep.equal([0, 0]);
    snapshots.keep("", 9, entries);
    snapshots.close();
    snapshots.keep("", 10, entries);
    expect([snapshots.size, clock.pending]).to.deep.equal([0, 0]);
  });

  it("are the latest few", () => {
    const snapshots = new ListSnapshots(new FakeClock());
    for (let revision = 1; revision <= 20; revision++) snapshots.keep("", revision, entries);
    expect(snapshots.from("", 1, "a")).to.equal(undefined);
    expect(snapshots.from("", 20, "a")).to.have.length(3);
  });
});
