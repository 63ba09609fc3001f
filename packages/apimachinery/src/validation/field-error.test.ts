import { expect } from "chai";
import * as field from "./field-error.ts";
import { Path } from "./path.ts";

const at = Path.of("spec").child("ports").index(2).child("port");

describe("field errors", () => {
  const cases: readonly [error: field.FieldError, message: string][] = [
    [field.required(at), "spec.ports[2].port: Required value"],
    [field.required(at, "why"), "spec.ports[2].port: Required value: why"],
    [field.invalid(at, 0, "must be more"), "spec.ports[2].port: Invalid value: 0: must be more"],
    [field.invalid(at, 'a"b', "no"), 'spec.ports[2].port: Invalid value: "a\\"b": no'],
    [field.invalid(at, null, "no"), "spec.ports[2].port: Invalid value: null: no"],
    [field.invalid(at, Buffer.from([0, 255]), "no"), "spec.ports[2].port: Invalid value: []byte{0x0, 0xff}: no"],
    [field.invalid(at, { a: [1] }, "no"), 'spec.ports[2].port: Invalid value: {"a":[1]}: no'],
    [field.typeInvalid(at, true, "no"), "spec.ports[2].port: Invalid value: true: no"],
    [field.notSupported(at, "x", ["a", "b"]), 'spec.ports[2].port: Unsupported value: "x": supported values: "a", "b"'],
    [field.duplicate(at, "x"), 'spec.ports[2].port: Duplicate value: "x"'],
    [field.notFound(at, "x"), 'spec.ports[2].port: Not found: "x"'],
    [field.forbidden(at, "no"), "spec.ports[2].port: Forbidden: no"],
    [field.tooLong(at, 63), "spec.ports[2].port: Too long: may not be more than 63 bytes"],
    [field.tooMany(at, 12, 10), "spec.ports[2].port: Too many: 12: must have at most 10 items"],
    [field.tooMany(at, -1, 1), "spec.ports[2].port: Too many: must have at most 1 item"],
    [field.internal(at, new Error("boom")), "spec.ports[2].port: Internal error: boom"],
    [field.required(undefined), "<nil>: Required value"],
  ];
  for (const [error, message] of cases) {
    it(`reads ${message}`, () => expect(field.fieldErrorMessage(error)).to.equal(message));
  }

  it("are gathered without repetitions", () => {
    const [a, b] = [field.required(Path.of("a")), field.required(Path.of("b"))];
    expect(field.aggregateMessage([])).to.equal("");
    expect(field.aggregateMessage([a, a])).to.equal("a: Required value");
    expect(field.aggregateMessage([a, b, a])).to.equal("[a: Required value, b: Required value]");
  });

  it("name map keys in brackets", () => {
    expect(String(Path.of("metadata", "labels").key("app.io/x"))).to.equal("metadata.labels[app.io/x]");
  });
});
