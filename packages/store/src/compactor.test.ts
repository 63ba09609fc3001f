import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { runCompactor } from "./compactor.ts";
import { StoreError } from "./errors.ts";
import type { Store } from "./store.ts";

/** A store that only counts, and notes what it was asked to forget. */
function compactable() {
  const compactions: number[] = [];
  const state = { revision: 10, failure: undefined as StoreError | undefined };
  const store: Pick<Store, "currentRevision" | "compact"> = {
    currentRevision: async () => state.revision,
    async compact(revision) {
      if (state.failure) throw state.failure;
      compactions.push(revision);
    },
  };
  return { store: store as Store, state, compactions };
}

const settled = () => new Promise(setImmediate);

describe("compactor", () => {
  it("forgets only what is an interval old", async () => {
    const { store, state, compactions } = compactable();
    const clock = new FakeClock();
    const abort = new AbortController();
    const running = runCompactor({ store, clock, logger: silentLogger }, 1000, abort.signal);
    for (const revision of [20, 30]) {
      await settled();
      state.revision = revision;
      await clock.advance(1000);
    }
    await settled();
    expect(compactions).to.deep.equal([10, 20]);
    abort.abort();
    await running;
  });

  it("goes on after a failure and ends with the store", async () => {
    const { store, state, compactions } = compactable();
    const clock = new FakeClock();
    const running = runCompactor({ store, clock, logger: silentLogger }, 1000, new AbortController().signal);
    const turn = async (failure?: StoreError) => {
      await settled();
      state.failure = failure;
      await clock.advance(1000);
      await settled();
    };
    await turn(new StoreError("unavailable", "down"));
    await turn();
    expect(compactions).to.deep.equal([10]);
    await turn(new StoreError("closed", "store is closed"));
    await running;
  });
});
