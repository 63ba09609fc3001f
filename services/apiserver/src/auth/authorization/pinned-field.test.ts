import { expect } from "chai";
import { pinnedField } from "./pinned-field.ts";

describe("the value that a field selector pins", () => {
  const cases: readonly [selector: string | undefined, value: string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["metadata.name=db", "db"],
    ["metadata.name==db", "db"],
    ["status.phase=Running,metadata.name=db", "db"],
    ["metadata.name!=db", undefined],
    ["metadata.namespace=db", undefined],
    ["metadata.name", undefined],
    // The comma is part of the value: the selector matches everything but one strange phase.
    ["status.phase!=x\\,metadata.name=db", undefined],
    ["metadata.name=a\\,b", "a,b"],
  ];
  for (const [selector, value] of cases) {
    it(`${selector} is ${value ?? "none"}`, () => expect(pinnedField(selector, "metadata.name")).to.equal(value));
  }
});
