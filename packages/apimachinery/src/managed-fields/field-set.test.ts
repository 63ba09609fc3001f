import { expect } from "chai";
import fc from "fast-check";
import * as sets from "./field-set.ts";
import { parseFieldSet } from "./parse-field-set.ts";
import { formatFieldPath } from "./path-text.ts";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });

const text = (list: readonly (readonly string[])[]) => new Set(list.map((one) => one.join("/")));

function members(set: sets.FieldSet): Set<string> {
  const found = new Set<string>();
  sets.forEachPath(set, (one) => found.add(one.join("/")));
  return found;
}

describe("field sets", () => {
  it("hold exactly the paths put into them", () => {
    fc.assert(
      fc.property(paths, path, (list, other) => {
        const set = sets.setOfPaths(...list);
        expect(members(set)).to.deep.equal(text(list));
        expect(sets.hasPath(set, other)).to.equal(text(list).has(other.join("/")));
      }),
    );
  });

  it("combine as sets do", () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [sets.setOfPaths(...left), sets.setOfPaths(...right)];
        const [ours, theirs] = [text(left), text(right)];
        expect(members(sets.union(a, b))).to.deep.equal(new Set([...ours, ...theirs]));
        expect(members(sets.intersection(a, b))).to.deep.equal(new Set([...ours].filter((one) => theirs.has(one))));
        expect(members(sets.difference(a, b))).to.deep.equal(new Set([...ours].filter((one) => !theirs.has(one))));
      }),
    );
  });

  it("lose all below a member in a recursive difference", () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [ours, theirs] = [text(left), [...text(right)]];
        const rest = [...ours].filter((one) => !theirs.some((gone) => one === gone || one.startsWith(`${gone}/`)));
        const result = sets.recursiveDifference(sets.setOfPaths(...left), sets.setOfPaths(...right));
        expect(members(result)).to.deep.equal(new Set(rest));
      }),
    );
  });

  it("stay the same object when nothing is taken away", () => {
    const set = sets.setOfPaths(["f:a", "f:b"], ["f:a"]);
    expect(sets.difference(set, sets.setOfPaths(["f:a", "f:b", "f:c"], ["f:z"]))).to.equal(set);
  });

  it("know their leaves", () => {
    const set = sets.setOfPaths(["f:a"], ["f:a", "f:b"], ["f:c"]);
    expect(members(sets.leaves(set))).to.deep.equal(new Set(["f:a/f:b", "f:c"]));
  });

  it("come back from their stored form, keys brought in order", () => {
    const stored = { "f:spec": { ".": {}, 'k:{"protocol":"TCP", "containerPort":80}': {} } };
    const set = parseFieldSet(stored);
    expect(set).to.deep.equal({ "f:spec": { ".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': {} } });
    expect(parseFieldSet(stored), "read once").to.equal(set);
    fc.assert(
      fc.property(paths, (list) => {
        const one = sets.serializeFieldSet(sets.setOfPaths(...list));
        expect(parseFieldSet(JSON.parse(JSON.stringify(one)))).to.deep.equal(one);
      }),
    );
  });

  it("are refused when malformed", () => {
    for (const wrong of [[], "x", { "x:a": {} }, { "f:a": 1 }, { "k:{": {} }]) {
      expect(() => parseFieldSet(wrong), JSON.stringify(wrong)).to.throw();
    }
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 300; i++) deep = { "f:a": deep };
    expect(() => parseFieldSet(deep)).to.throw("nested too deeply");
  });

  it("name their paths as upstream does", () => {
    expect(formatFieldPath(["f:spec", 'k:{"containerPort":80,"protocol":"TCP"}', "f:ports", 'v:"a"', "i:3"])).to.equal(
      '.spec[containerPort=80,protocol="TCP"].ports[="a"][3]',
    );
  });
});
