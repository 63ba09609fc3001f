import { expect } from "chai";
import fc from "fast-check";
import { arbitraryValue } from "../testing/index.ts";
import { DecodeError, decodeObject, normalize, parseBody } from "./json/index.ts";
import { decodeMessage, decodeProtobuf, encodeMessage } from "./protobuf/index.ts";

const kinds = [
  "core/v1.Pod",
  "core/v1.Event",
  "apps/v1.Deployment",
  "apiextensions.k8s.io/v1.CustomResourceDefinition",
];
const anyKind = fc.constantFrom(...kinds);

/** Runs something that may refuse its input, but only as a body that is wrong. */
function expectOnlyDecodeErrors(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).to.be.instanceOf(DecodeError);
  }
}

describe("bodies of any sort", () => {
  it("are read or refused as JSON values, whatever they hold", () => {
    fc.assert(
      fc.property(anyKind, fc.jsonValue(), (type, value) => expectOnlyDecodeErrors(() => normalize(type, value))),
    );
  });

  it("are read or refused when one value inside is of another type", () => {
    const replacement = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, -1, 1e300, "9999-99-99T99:99:99Z", "-1n", "1e99999"),
    );
    const property = fc.property(anyKind, fc.gen(), replacement, (type, gen, wrong) => {
      const value = gen(() => arbitraryValue(type, 2));
      const holders = [value, ...Object.values(value)].filter((inner) => typeof inner === "object" && inner !== null);
      const holder = gen(() => fc.constantFrom(...holders)) as Record<string, unknown>;
      for (const name of Object.keys(holder).slice(0, 1)) holder[name] = wrong;
      expectOnlyDecodeErrors(() => normalize(type, value));
    });
    fc.assert(property);
  });

  it("are read or refused as text and YAML", () => {
    fc.assert(
      fc.property(anyKind, fc.string(), fc.constantFrom("json", "yaml"), (type, text, format) =>
        expectOnlyDecodeErrors(() =>
          decodeObject(type, text, { format: format as "json" | "yaml", fieldValidation: "Warn" }),
        ),
      ),
    );
  });

  it("are read or refused as protobuf, with or without the magic", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withMagic) =>
        expectOnlyDecodeErrors(() => decodeProtobuf(withMagic ? Buffer.concat([Buffer.from("k8s\0"), bytes]) : bytes)),
      ),
    );
  });

  it("are read or refused when bytes of a good message change", () => {
    const property = fc.property(anyKind, fc.gen(), (type, gen) => {
      const bytes = encodeMessage(
        type,
        gen(() => arbitraryValue(type, 2)),
      );
      if (bytes.length === 0) return;
      bytes[gen(() => fc.nat(bytes.length - 1))] = gen(() => fc.nat(255));
      expectOnlyDecodeErrors(() => decodeMessage(type, bytes));
    });
    fc.assert(property);
  });

  it("cannot exhaust the stack by depth", () => {
    const deep = `${'{"not":'.repeat(50_000)}{}${"}".repeat(50_000)}`;
    const crd = `{"spec":{"versions":[{"schema":{"openAPIV3Schema":${deep}}}]}}`;
    expectOnlyDecodeErrors(() => decodeObject("apiextensions.k8s.io/v1.CustomResourceDefinition", crd));
    const yaml = (text: string) => () => parseBody(text, { format: "yaml" });
    const indented = Array.from({ length: 3_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
    for (const text of [
      "[".repeat(100_000),
      "- ".repeat(50_000),
      "? ".repeat(50_000),
      "{a: ".repeat(20_000),
      indented,
    ]) {
      expect(yaml(text)).to.throw(DecodeError, "exceeded max depth");
    }
    expect(yaml(`a: |\n  ${"[{".repeat(5_000)}\nb: "${"- ".repeat(5_000)}"`)).not.to.throw();
  });
});
