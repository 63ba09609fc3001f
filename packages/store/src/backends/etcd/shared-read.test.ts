import { expect } from "chai";
import { SharedRead } from "./shared-read.ts";

describe("shared read", () => {
  it("never answers with a read that began before the call, and lets all who wait share the next", async () => {
    const answers: Array<(value: number) => void> = [];
    const shared = new SharedRead(() => new Promise<number>((resolve) => answers.push(resolve)));
    const first = shared.read();
    const waiting = [shared.read(), shared.read()];
    answers[0]?.(1);
    expect(await first).to.equal(1);
    await new Promise(setImmediate);
    expect(answers).to.have.length(2);
    answers[1]?.(2);
    expect(await Promise.all(waiting)).to.deep.equal([2, 2]);
  });

  it("goes on after a failure", async () => {
    let calls = 0;
    const shared = new SharedRead(async () => {
      calls++;
      if (calls === 1) throw new Error("down");
      return calls;
    });
    const [first, second] = await Promise.allSettled([shared.read(), shared.read()]);
    expect(first?.status).to.equal("rejected");
    expect(second).to.deep.equal({ status: "fulfilled", value: 2 });
  });
});
