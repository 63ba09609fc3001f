import { expect } from "chai";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { yamlEncoding } from "./yaml-encoding.ts";

describe("the YAML of objects", () => {
  const long = "word ".repeat(40).trim();
  const json = {
    key: "json",
    object: () => Buffer.from(JSON.stringify({ kind: "ConfigMap", apiVersion: "v1", data: { b: long, a: "1" } })),
  } as unknown as Encoding;

  it("has its keys in the order of the alphabet and breaks no lines", () => {
    const yaml = yamlEncoding(json)
      .object({} as Entry)
      .toString();
    expect(yaml).to.equal(`apiVersion: v1\ndata:\n  a: "1"\n  b: ${long}\nkind: ConfigMap\n`);
  });
});
