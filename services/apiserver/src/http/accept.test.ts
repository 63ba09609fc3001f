import { expect } from "chai";
import { accepts, parseAccept } from "./accept.ts";

describe("parseAccept", () => {
  it("orders by quality and keeps parameters", () => {
    const ranges = parseAccept("text/*;q=0.5, application/json;as=Table;v=v1;g=meta.k8s.io,application/json;q=0");
    expect(ranges.map(({ type }) => type)).to.deep.equal(["application/json", "text/*"]);
    expect(ranges[0]?.parameters).to.deep.equal({ as: "Table", v: "v1", g: "meta.k8s.io" });
  });

  it("takes no header for anything", () => {
    expect(parseAccept(undefined).map(({ type }) => type)).to.deep.equal(["*/*"]);
  });
});

describe("accepts", () => {
  it("knows wildcards", () => {
    const [text] = parseAccept("text/*");
    expect(text && accepts(text, "text/plain")).to.equal(true);
    expect(text && accepts(text, "application/json")).to.equal(false);
  });
});
