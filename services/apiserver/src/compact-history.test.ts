import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { compactHistory } from "./compact-history.ts";

describe("compactHistory", () => {
  it("compacts what was current one interval ago, through failures, until it is stopped", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const compacted: number[] = [];
    let revision = 10;
    const store = {
      currentRevision: async () => {
        if (revision === 30) throw new Error("store is away");
        return revision;
      },
      compact: async (at: number) => void compacted.push(at),
    };
    const running = compactHistory(1000, { store, clock, logger: silentLogger }, stop.signal);
    for (revision of [20, 30, 40, 50]) await clock.advance(1000);
    stop.abort();
    await running;
    expect(compacted).to.deep.equal([10, 20, 40]);
    expect(clock.pending).to.equal(0);
  });
});
