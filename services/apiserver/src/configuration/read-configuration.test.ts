import { expect } from "chai";
import { readConfiguration } from "./read-configuration.ts";
import { boolean, durationMs, integer, listOf, objectOf, optional, text } from "./shape.ts";

const kind = {
  kind: "Example",
  versions: ["v1beta1", "v1"],
  fields: {
    name: text,
    times: listOf(durationMs),
    inner: optional(objectOf({ on: boolean, count: integer, note: optional(text) })),
  },
};
const head = "apiVersion: apiserver.config.k8s.io/v1\nkind: Example\n";

function failure(source: string): string {
  try {
    readConfiguration(source, kind);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a configuration file", () => {
  it("reads what is absent as Go's zero values", () => {
    expect(readConfiguration(head, kind)).to.deep.include({ name: "", times: [], inner: undefined });
    expect(readConfiguration(`${head}inner: {}\ntimes: [1m30s, 250ms]`, kind)).to.deep.include({
      times: [90_000, 250],
      inner: { on: false, count: 0, note: undefined },
    });
  });

  it("may be JSON and of an older version", () => {
    const source = JSON.stringify({ apiVersion: "apiserver.config.k8s.io/v1beta1", kind: "Example", name: "x" });
    expect(readConfiguration(source, kind).name).to.equal("x");
  });

  const wrong: readonly [what: string, source: string, error: string | RegExp][] = [
    [
      "a field that it does not have",
      `${head}nmae: x\ninner: {of: 1}`,
      'strict decoding error: unknown field "nmae", unknown field "inner.of"',
    ],
    [
      "a value of another type",
      `${head}name: [1]\ninner: {on: yes please, count: 1.5}`,
      /name: cannot read a list as a string, inner.on: cannot read a string as a boolean, inner.count/,
    ],
    [
      "a duration that is none",
      `${head}times: [soon]`,
      'strict decoding error: times[0]: time: invalid duration "soon"',
    ],
    [
      "another kind",
      "apiVersion: apiserver.config.k8s.io/v1\nkind: Other",
      'no kind "Other" is registered for version "apiserver.config.k8s.io/v1"',
    ],
    ["another version", "apiVersion: apiserver.config.k8s.io/v9\nkind: Example", /no kind "Example" is registered/],
    ["no kind", "apiVersion: apiserver.config.k8s.io/v1", /^Object 'Kind' is missing/],
    ["no object", "- 1", "file holds no object"],
    ["the same key twice", `${head}name: a\nname: b`, /^cannot parse YAML: /],
    ["a bomb of aliases", `${head}a: &a [1]\nb: &b [${"*a,".repeat(50)}]\nc: [${"*b,".repeat(50)}]`, /alias/i],
  ];
  for (const [what, source, error] of wrong) {
    it(`is refused with ${what}`, () => {
      if (typeof error === "string") expect(failure(source)).to.equal(error);
      else expect(failure(source)).to.match(error);
    });
  }

  it("is not shown when it is wrong, for it may hold keys", () => {
    expect(failure("apiVersion: v1\nsecret: c2VjcmV0")).not.to.include("c2VjcmV0");
  });
});
