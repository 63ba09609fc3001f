import { expect } from "chai";
import { aborted, Closer } from "./closing.ts";

describe("closer", () => {
  it("closes in reverse order, each once, even when one fails", async () => {
    const closed: string[] = [];
    const closer = new Closer();
    closer.add(() => void closed.push("first"));
    closer.add(() => {
      throw new Error("stuck");
    });
    closer.add({ close: async () => void closed.push("last") });
    const failure = await closer.close().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error).with.property("message", "stuck");
    expect(closed).to.deep.equal(["last", "first"]);
    await closer.close();
    expect(closed).to.have.length(2);
  });

  it("tells of all failures together", async () => {
    const closer = new Closer();
    for (const name of ["a", "b"]) {
      closer.add(() => {
        throw new Error(name);
      });
    }
    const failure = await closer.close().catch((error: unknown) => error);
    expect((failure as AggregateError).errors.map(({ message }: Error) => message)).to.deep.equal(["b", "a"]);
  });
});

describe("aborted", () => {
  it("resolves with the abort, also when that was before", async () => {
    const controller = new AbortController();
    const waiting = aborted(controller.signal);
    controller.abort();
    await waiting;
    await aborted(controller.signal);
  });
});
