import { expect } from "chai";
import { AnnouncedWrites } from "./announced-writes.ts";

const selectable = { labels: { a: "1" }, fields: {} };

describe("announced writes", () => {
  it("are told by key and bytes, once", () => {
    const writes = new AnnouncedWrites();
    writes.announce("a/one", Buffer.from("value"), selectable);
    expect(writes.take("a/other", Buffer.from("value"))).to.equal(undefined);
    expect(writes.take("a/one", Buffer.from("valuE"))).to.equal(undefined);
    expect(writes.take("a/one", Buffer.from("value"))).to.equal(selectable);
    expect(writes.take("a/one", Buffer.from("value"))).to.equal(undefined);
  });

  it("are retracted when they did not happen, but for what was announced since", () => {
    const writes = new AnnouncedWrites();
    const [first, second] = [Buffer.from("first"), Buffer.from("second")];
    writes.announce("a/one", first, selectable);
    writes.announce("a/one", second, selectable);
    writes.retract("a/one", first);
    expect(writes.take("a/one", second)).to.equal(selectable);
    writes.announce("a/one", first, selectable);
    writes.retract("a/one", first);
    expect(writes.take("a/one", first)).to.equal(undefined);
  });

  it("are forgotten, the oldest first, when too many come to nothing", () => {
    const writes = new AnnouncedWrites();
    for (let i = 0; i < 300; i++) writes.announce(`a/${i}`, Buffer.from("v"), selectable);
    expect(writes.take("a/0", Buffer.from("v"))).to.equal(undefined);
    expect(writes.take("a/299", Buffer.from("v"))).to.equal(selectable);
  });
});
