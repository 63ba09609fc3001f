import { expect } from "chai";
import { stepFor, steps } from "./steps.ts";

describe("the time that kubelets trust what they have read", () => {
  const secondsFor = (nodes: number, present = 0) => steps[stepFor(nodes, present)]?.seconds;

  it("grows with the cluster", () => {
    const sizes = [0, 100, 101, 500, 501, 1_000, 1_001, 2_000, 2_001, 50_000];
    expect(sizes.map((nodes) => secondsFor(nodes))).to.deep.equal([0, 0, 15, 15, 30, 30, 60, 60, 300, 300]);
  });

  it("shrinks only when the cluster is well below the border", () => {
    expect([95, 89, 460, 449].map((nodes) => secondsFor(nodes, nodes < 100 ? 1 : 2))).to.deep.equal([15, 0, 30, 15]);
    expect(secondsFor(3, 4)).to.equal(0);
  });
});
