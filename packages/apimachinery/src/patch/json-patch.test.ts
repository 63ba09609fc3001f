import { expect } from "chai";
import fc from "fast-check";
import type { StatusError } from "../status/index.ts";
import { deepFreeze } from "../values/deep.ts";
import { applyJsonPatch, maxJsonPatchOperations } from "./json-patch.ts";
import { escapePointerStep } from "./json-pointer.ts";
import { applyMergePatch } from "./merge-patch.ts";

function codeOf(act: () => unknown): number {
  try {
    act();
  } catch (error) {
    return (error as StatusError).code;
  }
  return 200;
}

describe("JSON patch", () => {
  const applied: readonly [what: string, document: unknown, patch: readonly unknown[], result: unknown][] = [
    ["adds a field", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["adds a null", {}, [{ op: "add", path: "/b", value: null }], { b: null }],
    ["replaces by adding", { a: 1 }, [{ op: "add", path: "/a", value: 2 }], { a: 2 }],
    ["inserts into a list", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    ["appends to a list", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    ["counts from the end", { a: [1, 2] }, [{ op: "remove", path: "/a/-1" }], { a: [1] }],
    ["removes a field", { a: 1, b: 2 }, [{ op: "remove", path: "/a" }], { b: 2 }],
    ["replaces in a list", { a: [1, 2] }, [{ op: "replace", path: "/a/0", value: 9 }], { a: [9, 2] }],
    ["replaces the whole", { a: 1 }, [{ op: "replace", path: "", value: { b: 1 } }], { b: 1 }],
    ["moves", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
    ["copies", { a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
    ["passes a true test", { a: [1] }, [{ op: "test", path: "/a", value: [1] }], { a: [1] }],
    ["unescapes steps", { "a/b": { "~": 1 } }, [{ op: "remove", path: "/a~1b/~0" }], { "a/b": {} }],
    ["takes __proto__ for a name", {}, [{ op: "add", path: "/__proto__", value: 1 }], JSON.parse('{"__proto__":1}')],
  ];
  for (const [what, document, patch, result] of applied) {
    it(what, () =>
      expect(JSON.stringify(applyJsonPatch(deepFreeze(document), patch))).to.equal(JSON.stringify(result)),
    );
  }

  const refused: readonly [what: string, document: unknown, patch: unknown, code: number][] = [
    ["a false test", { a: 1 }, [{ op: "test", path: "/a", value: 2 }], 422],
    ["removing what is missing", {}, [{ op: "remove", path: "/a" }], 422],
    ["replacing what is missing", {}, [{ op: "replace", path: "/a", value: 1 }], 422],
    ["adding below what is missing", {}, [{ op: "add", path: "/a/b", value: 1 }], 422],
    ["an index past the end", { a: [] }, [{ op: "add", path: "/a/1", value: 1 }], 422],
    ["an index that is none", { a: [1] }, [{ op: "add", path: "/a/x", value: 1 }], 422],
    ["an inherited field", {}, [{ op: "remove", path: "/toString" }], 422],
    ["moving into itself", { a: {} }, [{ op: "move", from: "/a", path: "/a/b" }], 422],
    ["an unknown operation", {}, [{ op: "make", path: "/a" }], 422],
    ["a missing value", {}, [{ op: "add", path: "/a" }], 422],
    ["a path without a slash", {}, [{ op: "add", path: "a", value: 1 }], 422],
    ["a patch that is no list", {}, { op: "add" }, 400],
    ["an operation that is no object", {}, ["add"], 400],
  ];
  for (const [what, document, patch, code] of refused) {
    it(`refuses ${what}`, () => expect(codeOf(() => applyJsonPatch(document, patch))).to.equal(code));
  }

  it("says as upstream why a patch cannot be applied", () => {
    expect(() => applyJsonPatch({}, [{ op: "remove", path: "/a" }])).to.throw(
      "the server rejected our request due to an error in our request",
    );
    const many = Array.from({ length: maxJsonPatchOperations + 1 }, () => ({ op: "test", path: "" }));
    expect(() => applyJsonPatch({}, many)).to.throw(
      "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
    );
  });

  it("bounds what copying can add", () => {
    const double = { op: "copy", from: "/a", path: "/a/-" };
    expect(codeOf(() => applyJsonPatch({ a: ["x".repeat(1000)] }, Array(40).fill(double)))).to.equal(422);
  });

  it("undoes an added field by removing it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.jsonValue(), (document, key, value) => {
        fc.pre(!Object.hasOwn(document, key));
        const path = `/${escapePointerStep(key)}`;
        const there = applyJsonPatch(document, [{ op: "add", path, value }]);
        expect(applyJsonPatch(there, [{ op: "remove", path }])).to.deep.equal(document);
      }),
    );
  });
});

describe("JSON merge patch", () => {
  /** The examples of RFC 7386, appendix A, whose patch is an object. */
  const examples: readonly [original: unknown, patch: unknown, result: unknown][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [original, patch, result] of examples) {
    it(`turns ${JSON.stringify(original)} by ${JSON.stringify(patch)} into ${JSON.stringify(result)}`, () => {
      expect(applyMergePatch(deepFreeze(original), patch)).to.deep.equal(result);
    });
  }

  it("refuses a patch that is no object", () => {
    expect(() => applyMergePatch({}, [])).to.throw("Invalid JSON Patch");
  });

  it("changes nothing the second time", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, object, (original, patch) => {
        const once = applyMergePatch(original, patch);
        expect(applyMergePatch(once, patch)).to.deep.equal(once);
        expect(applyMergePatch(original, {})).to.deep.equal(original);
      }),
    );
  });
});
