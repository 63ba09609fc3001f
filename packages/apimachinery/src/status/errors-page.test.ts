import { readFileSync } from "node:fs";
import { expect } from "chai";
import { reasonCodes } from "./index.ts";

describe("docs/errors.md", () => {
  it("lists exactly the reasons and codes of the code", () => {
    const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| ([A-Za-z]+) \| ([0-9]{3}) \|/gm)].map(([, reason, code]) => [
      reason,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).to.deep.equal(reasonCodes);
  });
});
