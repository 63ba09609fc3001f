import { expect } from "chai";
import { Warnings } from "./warnings.ts";

function added(...texts: readonly string[]): readonly string[] {
  const warnings = new Warnings();
  for (const text of texts) warnings.add(text);
  return warnings.all;
}

describe("warnings of an answer", () => {
  it("are told once each", () => {
    expect(added("a", "b", "a", "")).to.deep.equal(["a", "b"]);
  });

  it("are cut short when they are too long together", () => {
    const [long, other] = ["x".repeat(3000), "y".repeat(2000)];
    expect(added(long).map(({ length }) => length)).to.deep.equal([3000]);
    expect(added(long, other).map(({ length }) => length)).to.deep.equal([256, 256]);
  });

  it("are as many as can be read", () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(400, "z"));
    expect(added(...many)).to.have.length(16);
  });
});
