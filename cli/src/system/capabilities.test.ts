import { expect } from "chai";
import { mayLowerOomScore } from "./capabilities.ts";

describe("capabilities of a worker", () => {
  it("allow lowering oom_score_adj where CAP_SYS_RESOURCE is within bounds", () => {
    expect(mayLowerOomScore("CapEff:\t0\nCapBnd:\t000001ffffffffff\n")).to.equal(true);
    expect(mayLowerOomScore("CapEff:\t0\nCapBnd:\t000001fffeffffff\n")).to.equal(false);
  });
});
