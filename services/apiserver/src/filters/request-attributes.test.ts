import { expect } from "chai";
import { userNamed } from "../auth/testing/ask.ts";
import { requestAttributes } from "./request-attributes.ts";
import { requestInfo } from "./request-info.ts";

const ann = userNamed("ann");

function attributesOf(method: string, target: string) {
  const [path = "", search = ""] = target.split("?");
  const query = new URLSearchParams(search);
  return requestAttributes(requestInfo(method, path, query as never), query, ann);
}

const pods = "/api/v1/namespaces/dev/pods";

describe("what a request asks for", () => {
  const names: readonly [method: string, target: string, name: string][] = [
    ["GET", `${pods}/db`, "db"],
    ["GET", pods, ""],
    ["GET", `${pods}?fieldSelector=metadata.name%3Ddb`, "db"],
    ["GET", `${pods}?watch=1&fieldSelector=metadata.name%3Ddb`, "db"],
    ["DELETE", `${pods}?fieldSelector=metadata.name%3Ddb`, "db"],
    ["GET", `${pods}?fieldSelector=metadata.name!%3Ddb`, ""],
    // Everything but pods of a phase that does not exist, and not the one pod that it seems to name.
    ["GET", `${pods}?fieldSelector=status.phase!%3Dx%5C,metadata.name%3Ddb`, ""],
    ["GET", `${pods}?fieldSelector=metadata.name%3D..`, ""],
    ["POST", `${pods}?fieldSelector=metadata.name%3Ddb`, ""],
  ];
  for (const [method, target, name] of names) {
    it(`${method} ${target} is about ${name === "" ? "no object alone" : name}`, () => {
      expect(attributesOf(method, target).name).to.equal(name);
    });
  }

  it("has selectors where they narrow it", () => {
    const query = "fieldSelector=spec.nodeName%3Dn1&labelSelector=a%3Db";
    const selectors = { fieldSelector: "spec.nodeName=n1", labelSelector: "a=b" };
    expect(attributesOf("GET", `${pods}?${query}`)).to.deep.include(selectors);
    expect(attributesOf("GET", `${pods}/db?${query}`)).to.not.have.any.keys(Object.keys(selectors));
    expect(attributesOf("GET", `/metrics?${query}`)).to.not.have.any.keys(Object.keys(selectors));
  });
});
