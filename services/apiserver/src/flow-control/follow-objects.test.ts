import type { FlowSchema } from "@tskube/api";
import { silentLogger } from "@tskube/base";
import { expect } from "chai";
import { validateFlowSchema } from "../kinds/flowcontrol/validate-flow-schema.ts";
import { suggestedFlowSchemas } from "./bootstrap/suggested-objects.ts";
import { sound } from "./follow-objects.ts";

describe("objects that flow control takes in", () => {
  it("are those that make sense, whatever the store holds", () => {
    const [schema] = suggestedFlowSchemas as readonly [FlowSchema];
    const empty = { ...schema, metadata: { name: "empty" }, spec: undefined } as unknown as FlowSchema;
    const negative = { ...schema, metadata: { name: "negative" }, spec: { ...schema.spec, matchingPrecedence: -1 } };
    expect(sound([empty, schema, negative], validateFlowSchema, silentLogger)).to.deep.equal([schema]);
  });
});
