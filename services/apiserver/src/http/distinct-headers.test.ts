import { expect } from "chai";
import { distinctHeaders } from "./distinct-headers.ts";

describe("headers that come repeatedly", () => {
  it("keep their values apart", () => {
    const headers = { host: "h", "impersonate-group": "a, b, c", authorization: "Bearer x" };
    const rawHeaders = ["Host", "h", "Impersonate-Group", "a, b", "impersonate-group", "c"];
    const repeated = [...rawHeaders, "Authorization", "Bearer x", "Authorization", "Bearer y"];
    expect(distinctHeaders({ headers, rawHeaders: repeated })).to.deep.equal({
      host: "h",
      "impersonate-group": ["a, b", "c"],
      authorization: "Bearer x",
    });
  });

  it("cost nothing where there are none", () => {
    const headers = { host: "h", accept: "a, b" };
    expect(distinctHeaders({ headers, rawHeaders: ["Host", "h", "Accept", "a, b"] })).to.equal(headers);
  });
});
