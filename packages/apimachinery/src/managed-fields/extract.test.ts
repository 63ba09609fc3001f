import { expect } from "chai";
import fc from "fast-check";
import { smallSchema } from "../testing/index.ts";
import { compare, isSame } from "./compare.ts";
import { extractFieldSet } from "./extract.ts";
import { forEachPath } from "./field-set.ts";
import { merge } from "./merge.ts";
import { formatFieldPath } from "./path-text.ts";
import { shapeOfObject } from "./shape.ts";

const shape = shapeOfObject(smallSchema, "Thing");

function pathsOf(set: Parameters<typeof forEachPath>[0]): string[] {
  const found: string[] = [];
  forEachPath(set, (path) => found.push(formatFieldPath(path)));
  return found.sort();
}

const fieldsOf = (spec: unknown) => pathsOf(extractFieldSet(smallSchema, "Thing", { spec }));

describe("the fields of an object", () => {
  const cases: readonly [what: string, spec: unknown, paths: string[]][] = [
    ["scalars", { replicas: 1, paused: false }, [".spec.paused", ".spec.replicas"]],
    [
      "list items by key, with the default of one left out",
      { containers: [{ name: "a", ports: [{ port: 80 }] }] },
      [
        '.spec.containers[name="a"]',
        '.spec.containers[name="a"].name',
        '.spec.containers[name="a"].ports[port=80,protocol="TCP"]',
        '.spec.containers[name="a"].ports[port=80,protocol="TCP"].port',
      ],
    ],
    [
      "atomic lists, maps and structs as one",
      { args: ["x"], selector: { a: "b" }, limits: { cpu: "1" } },
      [".spec.args", ".spec.limits", ".spec.selector"],
    ],
    ["the keys of maps", { strategy: { rolling: { a: 1 } } }, [".spec.strategy.rolling.a"]],
    ["empty objects and nulls", { strategy: {}, replicas: null }, [".spec.replicas", ".spec.strategy"]],
    ["fields of inlined structs", { node: "n" }, [".spec.node"]],
    [
      "unknown fields where they are preserved",
      { free: { known: "k", other: { deep: 1, list: [{ a: 1 }] } } },
      [".spec.free.known", ".spec.free.other", ".spec.free.other.deep", ".spec.free.other.list"],
    ],
    ["nothing unknown elsewhere", { nonsense: 1 }, []],
    [
      "duplicates together",
      {
        containers: [
          { name: "a", image: "1" },
          { name: "a", image: "2" },
        ],
      },
      ['.spec.containers[name="a"]'],
    ],
  ];
  for (const [what, spec, paths] of cases) it(`are ${what}`, () => expect(fieldsOf(spec)).to.deep.equal(paths));

  it("are the values of sets", () => {
    const set = extractFieldSet(smallSchema, "Thing", { metadata: { finalizers: ["a", "b"] } });
    expect(pathsOf(set)).to.deep.equal(['.metadata.finalizers[="a"]', '.metadata.finalizers[="b"]']);
  });
});

describe("comparing two states", () => {
  const changes = (old: unknown, next: unknown) => {
    const { added, modified, removed } = compare(shape, { spec: old }, { spec: next });
    return [pathsOf(added), pathsOf(modified), pathsOf(removed)];
  };

  it("tells added, modified and removed fields apart", () => {
    expect(changes({ replicas: 1, paused: true }, { replicas: 2, node: "n" })).to.deep.equal([
      [".spec.node"],
      [".spec.replicas"],
      [".spec.paused"],
    ]);
  });

  it("looks into list items of the same key, whatever their order", () => {
    const [x, y] = [
      { name: "x", image: "1" },
      { name: "y", image: "1" },
    ];
    expect(changes({ containers: [x, y] }, { containers: [{ ...y, image: "2" }, x] })).to.deep.equal([
      [],
      ['.spec.containers[name="y"].image'],
      [],
    ]);
  });

  it("counts a container that is always written as there, and an optional one as added", () => {
    expect(changes({}, { strategy: { rolling: { a: 1 } } })[0]).to.deep.equal([
      ".spec.strategy.rolling",
      ".spec.strategy.rolling.a",
    ]);
    expect(changes({}, { free: { known: "x" } })[0]).to.deep.equal([".spec.free", ".spec.free.known"]);
  });

  const thing = fc.record(
    {
      metadata: fc.record({ labels: fc.dictionary(fc.string(), fc.string()) }),
      spec: fc.record(
        {
          replicas: fc.nat(),
          args: fc.array(fc.string()),
          containers: fc.uniqueArray(
            fc.record({ name: fc.constantFrom("a", "b", "c"), image: fc.string() }, { requiredKeys: ["name"] }),
            { selector: ({ name }) => name },
          ),
          free: fc.dictionary(fc.string(), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  it("finds nothing between an object and itself, and the reverse between two swapped", () => {
    fc.assert(
      fc.property(thing, thing, (a, b) => {
        expect(isSame(compare(shape, a, JSON.parse(JSON.stringify(a))))).to.equal(true);
        const [there, back] = [compare(shape, a, b), compare(shape, b, a)];
        expect(pathsOf(there.added)).to.deep.equal(pathsOf(back.removed));
        expect(pathsOf(there.modified)).to.deep.equal(pathsOf(back.modified));
      }),
    );
  });

  it("merging puts the applied over the live, and merging again changes nothing", () => {
    fc.assert(
      fc.property(thing, thing, (live, applied) => {
        const once = merge(shape, live, applied);
        expect(isSame(compare(shape, once, merge(shape, once, applied)))).to.equal(true);
        const missing = compare(shape, applied, once);
        expect(pathsOf(missing.removed)).to.deep.equal([]);
      }),
    );
  });

  it("keeps live items where they were and appends new ones", () => {
    const list = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name })) } });
    expect(merge(shape, list("a", "b", "c"), list("c", "x"))).to.deep.equal(list("a", "b", "c", "x"));
    expect(merge(shape, list("a", "b"), list("b", "a"))).to.deep.equal(list("b", "a"));
  });
});
