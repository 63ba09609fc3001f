import { expect } from "chai";
import { dealHand, requiredEntropyBits } from "./deal-hand.ts";

describe("shuffle sharding", () => {
  it("deals a flow always the same queues, all different", () => {
    for (const flow of ["", "alice", "bob", "a long name of a user"]) {
      const hand = dealHand(flow, 64, 8);
      expect(dealHand(flow, 64, 8)).to.deep.equal(hand);
      expect(new Set(hand).size).to.equal(8);
      for (const queue of hand) expect(queue).to.be.within(0, 63);
    }
    expect([...dealHand("x", 6, 6)].sort()).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(dealHand("x", 1, 1)).to.deep.equal([0]);
  });

  it("spreads many flows evenly, and hardly ever gives two of them the same hand", () => {
    const uses = new Array<number>(64).fill(0);
    const hands = new Set<string>();
    for (let flow = 0; flow < 2_000; flow++) {
      const hand = dealHand(`user-${flow}`, 64, 8);
      hands.add([...hand].sort((x, y) => x - y).join());
      for (const queue of hand) uses[queue] = (uses[queue] ?? 0) + 1;
    }
    expect(hands.size).to.equal(2_000);
    // 250 each on average.
    for (const count of uses) expect(count).to.be.within(180, 320);
  });

  it("knows how much a hash must tell", () => {
    expect(requiredEntropyBits(1, 1)).to.equal(0);
    expect(requiredEntropyBits(128, 6)).to.equal(42);
    expect(requiredEntropyBits(1024, 7)).to.equal(70);
  });
});
