import { expect } from "chai";
import { baseFunctions, compile } from "../../../cel/index.ts";
import type { Schema } from "../../schema/structure.ts";
import { schemaType } from "../schema-type.ts";
import { overBudget } from "./budget-message.ts";
import { estimateCost } from "./estimate-cost.ts";

function costOf(rule: string, schema: Schema): number {
  const self = schemaType(schema, false);
  if (!self) throw new Error("no type");
  const environment = { functions: baseFunctions, variables: { self: self.type } };
  return estimateCost(compile(rule, environment).checked, self);
}

const list = (items: Schema, maxItems?: number): Schema => ({
  type: "array",
  items,
  ...(maxItems !== undefined && { maxItems }),
});
const text = (maxLength?: number): Schema => ({ type: "string", ...(maxLength !== undefined && { maxLength }) });
const number: Schema = { type: "number" };
const object = (properties: Record<string, Schema>): Schema => ({ type: "object", properties });

/** Costs that upstream's own tests of its estimates expect. */
const upstream: [string, Schema, number][] = [
  ["true", number, 0],
  ["self.all(x, true)", list(number), 4_718_591],
  ["self.all(x, true)", list(number, 10), 32],
  ["self.all(x, true)", list({ type: "boolean" }), 1_887_437],
  ["self.all(x, true)", list(text()), 3_145_727],
  ["self.all(x, true)", { type: "object", additionalProperties: number }, 1_348_169],
  ["self.contains('test')", text(), 314_574],
  ["self.contains('test')", text(10), 5],
];

describe("estimated costs", () => {
  for (const [rule, schema, expected] of upstream) {
    it(`of ${rule} over ${JSON.stringify(schema)} are upstream's`, () =>
      expect(costOf(rule, schema)).to.equal(expected));
  }

  it("grow with the square of lists that are searched for each of their items", () => {
    const rule = "self.all(a, self.exists(b, a == b))";
    expect(costOf(rule, list(text(), 10))).to.be.greaterThan(10_000_000);
    expect(costOf(rule, list(text(10), 10))).to.be.lessThan(3_000);
    expect(costOf(rule, list(text(10)))).to.be.greaterThan(10_000_000_000);
  });

  it("know what fields, indexes, bindings and made values hold", () => {
    const schema = object({ names: list(text(5), 3), label: text(5) });
    const small = [
      "self.names[0].contains(self.label)",
      "self.names.map(n, n + self.label).all(n, n.size() > 2)",
      "self.names.join(',').size() < 50 && self.names.size() + 1 < 3",
      "('n is ' + string(self.names.size())).contains(self.label)",
      "self.label.replace('a', 'bb').lowerAscii().startsWith('b')",
      "has(self.label) ? self.label in self.names : true",
    ];
    for (const rule of small) expect(costOf(rule, schema), rule).to.be.lessThan(200);
  });

  it("over the limit are told as factors", () => {
    const told = (cost: number) => /factor of (.*?) \(/.exec(overBudget("estimated rule cost", cost, 10_000_000))?.[1];
    expect([10_000_001, 25_000_000, 2 ** 64].map(told)).to.deep.equal(["1.000000x", "2.5x", "more than 100x"]);
  });
});
