import { expect } from "chai";
import { validateConditions } from "./conditions.ts";
import { fieldErrorMessage } from "./field-error.ts";
import { Path } from "./path.ts";

const ready = { type: "Ready", status: "True", reason: "Up", lastTransitionTime: "2024-01-01T00:00:00Z" };
const errorsOf = (...conditions: Parameters<typeof validateConditions>[0]) =>
  validateConditions(conditions, Path.of("status", "conditions")).map(fieldErrorMessage);

describe("validation of conditions", () => {
  it("accepts one of each type", () => {
    expect(errorsOf(ready, { ...ready, type: "x.io/Synced", status: "Unknown" })).to.deep.equal([]);
    expect(errorsOf(ready, ready)).to.deep.equal(['status.conditions[1].type: Duplicate value: "Ready"']);
  });

  it("reports everything wrong with one", () => {
    expect(errorsOf({ type: "Ready", status: "true", observedGeneration: -1 })).to.deep.equal([
      'status.conditions[0].status: Unsupported value: "true": supported values: "False", "True", "Unknown"',
      "status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero",
      "status.conditions[0].lastTransitionTime: Required value: must be set",
      "status.conditions[0].reason: Required value: must be set",
    ]);
    expect(errorsOf({ ...ready, reason: "not one word" })[0]).to.match(/a condition reason must start with/);
    expect(errorsOf({ ...ready, message: "x".repeat(32 * 1024 + 1) })).to.deep.equal([
      "status.conditions[0].message: Too long: may not be more than 32768 bytes",
    ]);
  });
});
