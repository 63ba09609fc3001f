import { expect } from "chai";
import type { TableColumns } from "../http/table-columns.ts";
import { anEntry } from "../watch-cache/testing/entries.ts";
import { TableRows } from "./table-rows.ts";

describe("rows of a table", () => {
  it("are made once for an object, but for what changes with time", () => {
    let made = 0;
    const columns: TableColumns = {
      definitions: [],
      cells(object) {
        made++;
        return [object.metadata.name, (nowMs) => `${nowMs}ms "old"`, null, (nowMs) => nowMs, true];
      },
      conditions: () => [{ type: "Completed", status: "True", reason: "Over", message: "over" }],
    };
    const rows = new TableRows(columns);
    const entry = anEntry("a/one", 3);
    const row = (nowMs: number) => JSON.parse(`${rows.head(entry, nowMs)}null}`);
    expect(row(1).cells).to.deep.equal(["one", '1ms "old"', null, 1, true]);
    expect(row(2).cells).to.deep.equal(["one", '2ms "old"', null, 2, true]);
    expect(row(2).conditions).to.have.length(1);
    expect(made).to.equal(1);
    rows.head(anEntry("a/one", 4), 5);
    expect(made).to.equal(2);
  });
});
