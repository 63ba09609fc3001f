import { expect } from "chai";
import { suggestedFlowSchemas } from "./bootstrap/suggested-objects.ts";
import { withDangling } from "./dangling-status.ts";

const [schema] = suggestedFlowSchemas;
const second = Date.parse("2030-01-01T00:00:01Z");

describe("the Dangling condition", () => {
  it("tells whether the level exists, and since when", () => {
    if (!schema) throw new Error("there are suggested schemas");
    const found = withDangling(schema, true, 0);
    expect(found?.status?.conditions).to.deep.equal([
      {
        type: "Dangling",
        status: "False",
        reason: "Found",
        message: 'This FlowSchema references the PriorityLevelConfiguration object named "system" and it exists',
        lastTransitionTime: "1970-01-01T00:00:00Z",
      },
    ]);
    if (!found) return;
    expect(withDangling(found, true, second)).to.equal(undefined);
    const lost = withDangling(found, false, second);
    expect(lost?.status?.conditions).to.deep.equal([
      {
        type: "Dangling",
        status: "True",
        reason: "NotFound",
        message:
          'This FlowSchema references the PriorityLevelConfiguration object named "system" but there is no such object',
        lastTransitionTime: "2030-01-01T00:00:01Z",
      },
    ]);
  });

  it("leaves other conditions and the time of an unchanged answer alone", () => {
    if (!schema) throw new Error("there are suggested schemas");
    const other = { type: "Other", status: "True" };
    const old = { type: "Dangling", status: "False", reason: "Found", message: "old", lastTransitionTime: "then" };
    const changed = withDangling({ ...schema, status: { conditions: [old, other] } }, true, second);
    expect(changed?.status?.conditions?.[0]).to.deep.equal(other);
    expect(changed?.status?.conditions?.[1]).to.include({ lastTransitionTime: "then" });
  });
});
