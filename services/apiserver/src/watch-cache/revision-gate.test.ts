import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import { RevisionGate } from "./revision-gate.ts";

describe("RevisionGate", () => {
  it("lets through those whose revision is reached", async () => {
    const gate = new RevisionGate(new FakeClock());
    const [five, nine] = [gate.wait(5, 1000), gate.wait(9, 1000)];
    gate.advance(6);
    expect(await five).to.equal(true);
    expect([...gate.wanted]).to.deep.equal([9]);
    gate.advance(9);
    expect(await nine).to.equal(true);
    expect(gate.wanted.size).to.equal(0);
  });

  it("gives up after the time, and never falls", async () => {
    const clock = new FakeClock();
    const gate = new RevisionGate(clock);
    gate.advance(4);
    gate.advance(2);
    expect(gate.revision).to.equal(4);
    const late = gate.wait(5, 1000);
    await clock.advance(1000);
    expect(await late).to.equal(false);
  });

  it("lets go of those who leave", async () => {
    const clock = new FakeClock();
    const gate = new RevisionGate(clock);
    const leaving = new AbortController();
    const waiting = gate.wait(5, 1000, leaving.signal);
    leaving.abort();
    expect(await waiting).to.equal(false);
    expect([gate.wanted.size, clock.pending]).to.deep.equal([0, 0]);
  });

  it("lets all go when waiting is of no use", async () => {
    const clock = new FakeClock();
    const gate = new RevisionGate(clock);
    const waiting = [gate.wait(5, 1000), gate.wait(6, 1000)];
    gate.release();
    expect(await Promise.all(waiting)).to.deep.equal([false, false]);
    expect([gate.wanted.size, clock.pending]).to.deep.equal([0, 0]);
  });
});
