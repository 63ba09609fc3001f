import { expect } from "chai";
import fc from "fast-check";
import { smallSchema } from "../testing/index.ts";
import { deepFreeze } from "../values/deep.ts";
import { applyStrategicMergePatch } from "./strategic-merge.ts";

const patched = (original: unknown, patch: unknown) =>
  applyStrategicMergePatch(smallSchema, "Spec", deepFreeze(original), deepFreeze(patch));

const [a, b, c] = ["a", "b", "c"].map((name) => ({ name, image: `${name}:1` }));

describe("strategic merge patch", () => {
  const cases: readonly [what: string, original: unknown, patch: unknown, result: unknown][] = [
    ["merges fields", { replicas: 1, paused: true }, { replicas: 2 }, { replicas: 2, paused: true }],
    ["removes by null", { replicas: 1, paused: true }, { paused: null }, { replicas: 1 }],
    ["knows inlined fields", { node: "a" }, { node: "b" }, { node: "b" }],
    [
      "merges list items by key",
      { containers: [a, b] },
      { containers: [{ name: "b", image: "b:2" }] },
      { containers: [a, { name: "b", image: "b:2" }] },
    ],
    ["puts new items first", { containers: [a] }, { containers: [c] }, { containers: [c, a] }],
    [
      "merges lists within items",
      { containers: [{ name: "a", ports: [{ port: 80, title: "x" }] }] },
      { containers: [{ name: "a", ports: [{ port: 80, title: "y" }] }] },
      { containers: [{ name: "a", ports: [{ port: 80, title: "y" }] }] },
    ],
    ["deletes items", { containers: [a, b] }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: [b] }],
    ["replaces a list", { containers: [a, b] }, { containers: [c, { $patch: "replace" }] }, { containers: [c] }],
    [
      "replaces an object",
      { strategy: { type: "x", rolling: { a: 1 } } },
      { strategy: { $patch: "replace", type: "y" } },
      { strategy: { type: "y" } },
    ],
    ["empties an object", { strategy: { type: "x" } }, { strategy: { $patch: "delete" } }, { strategy: {} }],
    [
      "keeps only retained keys",
      { strategy: { type: "x", rolling: { a: 1 } } },
      { strategy: { $retainKeys: ["type"], type: "y" } },
      { strategy: { type: "y" } },
    ],
    ["replaces atomic lists", { args: ["a", "b"] }, { args: ["c"] }, { args: ["c"] }],
    [
      "orders items as told",
      { containers: [a, b, c] },
      { "$setElementOrder/containers": [{ name: "c" }, { name: "a" }, { name: "b" }] },
      { containers: [c, a, b] },
    ],
    [
      "orders while merging, and keeps the server's own items in place",
      { containers: [a, b] },
      {
        "$setElementOrder/containers": [{ name: "c" }, { name: "a" }],
        containers: [{ name: "c", image: "c:1" }],
      },
      { containers: [c, a, b] },
    ],
    [
      "drops nulls and directives from new objects",
      {},
      { strategy: { type: "x", rolling: null } },
      { strategy: { type: "x" } },
    ],
    ["drops deletions from new lists", {}, { containers: [a, { name: "b", $patch: "delete" }] }, { containers: [a] }],
    ["replaces what is of another type", { args: "x" }, { args: ["y"] }, { args: ["y"] }],
    ["merges unknown objects as they come", { other: { x: 1 } }, { other: { y: 2 } }, { other: { x: 1, y: 2 } }],
  ];
  for (const [what, original, patch, result] of cases) {
    it(what, () => expect(patched(original, patch)).to.deep.equal(result));
  }

  it("merges sets of scalars and deletes from them", () => {
    const meta = (original: unknown, patch: unknown) => applyStrategicMergePatch(smallSchema, "Meta", original, patch);
    expect(meta({ finalizers: ["x", "y"] }, { finalizers: ["z", "x"] })).to.deep.equal({ finalizers: ["z", "x", "y"] });
    expect(meta({ finalizers: ["x", "y"] }, { "$deleteFromPrimitiveList/finalizers": ["x", "q"] })).to.deep.equal({
      finalizers: ["y"],
    });
    expect(
      meta(
        { finalizers: ["x", "y"] },
        { "$setElementOrder/finalizers": ["y", "z"], finalizers: ["z"], "$deleteFromPrimitiveList/finalizers": ["x"] },
      ),
    ).to.deep.equal({ finalizers: ["y", "z"] });
  });

  const refused: readonly [what: string, patch: unknown, message: string][] = [
    ["items without their key", { containers: [{ image: "x" }] }, "does not contain declared merge key: name"],
    ["unknown directives", { strategy: { $patch: "explode" } }, "the server rejected our request"],
    [
      "keys that are set but not retained",
      { strategy: { $retainKeys: [], type: "y" } },
      "invalid patch format of retainKeys list",
    ],
    [
      "a list in another order than the one it gives",
      { "$setElementOrder/containers": [{ name: "a" }, { name: "b" }], containers: [b, a] },
      "doesn't match $setElementOrder list",
    ],
    ["what is no object", [], "Invalid JSON document"],
  ];
  for (const [what, patch, message] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => patched({ containers: [a], strategy: { type: "x" } }, patch)).to.throw(message);
    });
  }

  it("changes nothing when empty, and nothing more when applied again", () => {
    const container = fc.record(
      { name: fc.constantFrom("a", "b", "c"), image: fc.string() },
      { requiredKeys: ["name"] },
    );
    const containers = fc.uniqueArray(container, { selector: ({ name }) => name });
    const spec = fc.record({ replicas: fc.nat(), containers, selector: fc.dictionary(fc.string(), fc.string()) });
    fc.assert(
      fc.property(spec, spec, (original, patch) => {
        expect(patched(original, {})).to.deep.equal(original);
        const once = patched(original, patch);
        expect(patched(once, patch)).to.deep.equal(once);
      }),
    );
  });
});

describe("strategic merge of long lists", () => {
  it("takes time in proportion to them", () => {
    const list = (prefix: string) => Array.from({ length: 20_000 }, (_, i) => ({ name: `${prefix}${i}` }));
    const result = patched({ containers: list("a") }, { containers: [...list("b"), ...list("a")] });
    expect(result).to.have.property("containers").with.length(40_000);
  }).timeout(2000);
});
