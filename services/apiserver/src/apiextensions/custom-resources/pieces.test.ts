import { expect } from "chai";
import { hasFormat } from "../schema/formats.ts";
import { prune } from "../schema/prune.ts";
import { compareVersions } from "./group-infos.ts";
import { fieldNames, parseJsonPath } from "./json-path.ts";

describe("JSON paths", () => {
  const object = {
    metadata: { labels: { "a.b": "dotted" } },
    spec: {
      list: [
        { n: "x", v: 1 },
        { n: "y", v: 2 },
      ],
    },
  };
  const cases: [string, unknown[]][] = [
    [".spec.list[0].v", [1]],
    [".spec.list[-1].v", [2]],
    [".spec.list[*].n", ["x", "y"]],
    [".spec.list[-1:].n", ["y"]],
    [".spec.list[:1].n", ["x"]],
    [".spec.list[0:9].v", [1, 2]],
    [".spec.list[::2].v", [1]],
    [".spec.list[1,0].v", [2, 1]],
    [".spec['list','none'][0]['n', 'v']", ["x", 1]],
    ["..n", ["x", "y"]],
    [".spec..v", [1, 2]],
    [".spec..['v']", [1, 2]],
    [".spec.*[1].n", ["y"]],
    ["..*.n", ["x", "y"]],
    [`.spec${"['','']".repeat(40)}`, []],
    [".metadata['labels.none']", []],
    ['.spec.list[?(@.n=="y")].v', [2]],
    [".spec.list[?(@.v>1)].n", ["y"]],
    [".metadata.labels['a\\.b']", ["dotted"]],
    [".metadata.labels.a\\.b", ["dotted"]],
    [".spec.none.deeper", []],
  ];
  for (const [path, expected] of cases) {
    it(`find what ${path} names`, () => expect(parseJsonPath(path)(object)).to.deep.equal(expected));
  }

  it("are refused when they are none", () => {
    for (const path of [
      "spec",
      "..",
      ".spec..",
      "..a..b",
      ".a[",
      ".a[]",
      ".a[x]",
      ".a[1:2:0]",
      ".a[1:2:3:4]",
      ".a['b",
      "{.a}",
    ]) {
      expect(() => parseJsonPath(path), path).to.throw("unrecognized JSONPath");
    }
    expect(fieldNames(".spec.list[0]")).to.equal(undefined);
  });
});

describe("versions", () => {
  it("stand in the order of their maturity", () => {
    const names = ["foo10", "v1alpha1", "v10beta3", "v2", "v1", "v11alpha2", "v3beta1", "v10", "foo1"];
    expect(names.sort(compareVersions)).to.deep.equal([
      "v10",
      "v2",
      "v1",
      "v10beta3",
      "v3beta1",
      "v11alpha2",
      "v1alpha1",
      "foo1",
      "foo10",
    ]);
  });
});

describe("formats", () => {
  const cases: [string, string, string][] = [
    ["date-time", "2024-02-29T10:00:00Z", "2023-02-29T10:00:00Z"],
    ["date", "2024-02-29", "2024-2-9"],
    ["ipv4", "10.0.0.1", "10.0.0"],
    ["ipv6", "::1", "10.0.0.1"],
    ["cidr", "10.0.0.0/8", "10.0.0.0"],
    ["email", "a@b.c", "a"],
    ["hostname", "a-b.c", "a_b"],
    ["uri", "https://a/b", "a b"],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", "123"],
    ["byte", "aGk=", "a"],
    ["duration", "1h30m", "soon"],
    ["mac", "00:1b:44:11:3a:b7", "00:1b"],
    ["isbn10", "0306406152", "0306406153"],
    ["isbn13", "9780306406157", "9780306406158"],
  ];
  for (const [format, good, bad] of cases) {
    it(`know a ${format}`, () => {
      expect(hasFormat(format, good)).to.equal(true);
      expect(hasFormat(format, bad)).to.equal(false);
    });
  }

  it("that nobody knows hold for everything", () => expect(hasFormat("unheard-of", "x")).to.equal(true));
});

describe("pruning", () => {
  it("treats __proto__ like any other unknown field", () => {
    const value: unknown = JSON.parse('{"spec":{"__proto__":{"a":1},"constructor":2}}');
    const schema = { type: "object", properties: { spec: { type: "object", properties: {} } } };
    expect(prune(value, schema, true)).to.deep.equal(["spec.__proto__", "spec.constructor"]);
    expect(JSON.stringify(value)).to.equal('{"spec":{}}');
  });
});
