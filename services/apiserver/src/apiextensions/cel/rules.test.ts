import { fieldErrorMessage } from "@tskube/apimachinery";
import { expect } from "chai";
import type { Schema } from "../schema/structure.ts";
import { createRules } from "./rules.ts";

const schema = (properties: Record<string, Schema>, ...rules: string[]): Schema => ({
  type: "object",
  properties,
  "x-kubernetes-validations": rules.map((rule) => ({ rule })),
});

const fields: Record<string, Schema> = {
  n: { type: "integer" },
  x: { type: "number" },
  text: { type: "string" },
  list: { type: "array", items: { type: "integer" } },
  words: { type: "array", items: { type: "string" } },
  map: { type: "object", additionalProperties: { type: "string" } },
  when: { type: "string", format: "date-time" },
  long: { type: "string", format: "duration" },
  free: { "x-kubernetes-int-or-string": true },
  "a-b": { type: "string" },
  namespace: { type: "string" },
};
const object = {
  n: 3,
  x: 1.5,
  text: "a1b22",
  list: [1, 2, 3],
  words: ["b", "a", "b"],
  map: { k: "v" },
  when: "2024-05-01T00:00:00Z",
  long: "1h30m",
  free: "50%",
  "a-b": "dash",
  namespace: "ns",
};
const errorsOf = (of: Schema, value: object, old?: object) =>
  createRules(of).check(value, old).errors.map(fieldErrorMessage);

describe("rules", () => {
  const holding = [
    "self.n + 1 == 4",
    "self.x > 1.0",
    "has(self.text) && !has(self.map.z)",
    "self.list.all(i, i > 0) && self.list.exists(i, i == 2)",
    "self.list.sum() == 6 && self.list.max() == 3 && self.list.min() == 1 && self.list.isSorted()",
    "self.words.indexOf('b') == 0 && self.words.lastIndexOf('b') == 2",
    "sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])",
    "self.text.find('[0-9]+') == '1' && self.text.findAll('[0-9]+') == ['1', '22']",
    "self.text.matches('^a') && self.text.split('b').size() == 2 && self.text.upperAscii() == 'A1B22'",
    "quantity('1Gi').isGreaterThan(quantity('500Mi')) && quantity('1').add(quantity('500m')) == quantity('1500m')",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && ip('127.0.0.1').isLoopback() && ip('::1').family() == 6",
    "url('https://a.b:80/c?d=e').getHost() == 'a.b:80'",
    "self.when < timestamp('2025-01-01T00:00:00Z') && self.when.getFullYear() == 2024",
    "self.long > duration('1h')",
    "type(self.free) == string && self.free.endsWith('%')",
    "self.a__dash__b == 'dash' && self.__namespace__ == 'ns'",
    "self.map.all(k, self.map[k] == 'v')",
    "self.?text.orValue('') == 'a1b22' && self.map[?'z'].orValue('none') == 'none'",
    "self.metadata.name == 'web' && self.kind == 'Thing'",
    "format.dns1123Label().validate('Not A Label').hasValue()",
  ];
  for (const rule of holding) {
    it(`understand ${rule}`, () => {
      const whole = { ...object, kind: "Thing", metadata: { name: "web" } };
      expect(errorsOf(schema(fields, rule), whole)).to.deep.equal([]);
    });
  }

  const below = (spec: Schema): Schema => ({ type: "object", properties: { spec } });

  it("say which rule failed when they have no message", () => {
    expect(errorsOf(below(schema(fields, " self.n > 5 ")), { spec: object })).to.deep.equal([
      'spec: Invalid value: "object": failed rule: self.n > 5',
    ]);
  });

  it("say what a rule cannot be evaluated for", () => {
    expect(errorsOf(below(schema(fields, "self.map['z'] == 'v'")), { spec: object })).to.deep.equal([
      "spec: Invalid value: \"object\": no such key: z evaluating rule: self.map['z'] == 'v'",
    ]);
    expect(errorsOf(below(schema(fields, "self.free > 5")), { spec: object })).to.deep.equal([
      "spec: Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.free > 5",
    ]);
  });

  it("put errors where fieldPath says, with its reason", () => {
    const rule = { rule: "self.n > 5", reason: "FieldValueForbidden", message: "too few", fieldPath: ".map['a.b']" };
    const of: Schema = { type: "object", properties: fields, "x-kubernetes-validations": [rule] };
    expect(errorsOf(below(of), { spec: object })).to.deep.equal(["spec.map[a.b]: Forbidden: too few"]);
  });

  it("make messages, and fall back on fixed ones", () => {
    const rule = (messageExpression: string) => ({ rule: "self.n > 5", message: "fixed", messageExpression });
    const of = (text: string): Schema => ({
      type: "object",
      properties: fields,
      "x-kubernetes-validations": [rule(text)],
    });
    const found = (text: string) => errorsOf(below(of(text)), { spec: object })[0];
    expect(found("'n is ' + string(self.n)")).to.equal('spec: Invalid value: "object": n is 3');
    for (const unusable of ["self.map['z']", "' '", "'a\\nb'"]) {
      expect(found(unusable)).to.equal('spec: Invalid value: "object": fixed');
    }
  });

  it("stop rules that loop for too long, and all rules after them", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => index);
    const rules = schema(fields, "self.list.all(a, self.list.all(b, a != b || true))", "self.n > 5");
    const found = errorsOf(rules, { ...object, list: many });
    expect(found).to.have.length(1);
    expect(found[0]).to.contain(
      "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ",
    );
  });

  it("stop when all rules together cost too much", () => {
    const item = schema({ text: { type: "string" } }, "self.text.matches('a{1,20}b{1,20}c{1,20}d{1,20}')");
    const of: Schema = { type: "object", properties: { items: { type: "array", items: item } } };
    const text = "abcd".repeat(2_000);
    const found = errorsOf(of, { items: Array.from({ length: 2_000 }, () => ({ text })) });
    expect(found.at(-1)).to.contain("validation failed due to running out of cost budget, no further validation rules");
  });

  it("see the old value as an optional when they ask for it", () => {
    const rule = {
      rule: "!oldSelf.hasValue() || oldSelf.value().n <= self.n",
      optionalOldSelf: true,
      message: "shrinks",
    };
    const of = below({ type: "object", properties: fields, "x-kubernetes-validations": [rule] });
    expect(errorsOf(of, { spec: { n: 1 } })).to.deep.equal([]);
    expect(errorsOf(of, { spec: { n: 1 } }, { spec: { n: 2 } })).to.deep.equal([
      'spec: Invalid value: "object": shrinks',
    ]);
  });

  it("only warn of what an update does not change", () => {
    const rules = createRules(below(schema(fields, "self.n > 5")));
    const kept = rules.check({ spec: { n: 1 } }, { spec: { n: 1 } });
    expect(kept.errors).to.deep.equal([]);
    expect(kept.warnings.map(fieldErrorMessage)).to.deep.equal([
      'spec: Invalid value: "object": failed rule: self.n > 5',
    ]);
    expect(rules.check({ spec: { n: 2 } }, { spec: { n: 1 } }).errors).to.have.length(1);
  });

  it("find the former items of lists of type map alone", () => {
    const items: Schema = {
      type: "object",
      properties: { name: { type: "string" }, n: { type: "integer" } },
      "x-kubernetes-validations": [{ rule: "self.n >= oldSelf.n" }],
    };
    const of: Schema = {
      type: "object",
      properties: {
        list: { type: "array", items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
      },
    };
    const list = (...values: [string, number][]) => ({ list: values.map(([name, n]) => ({ name, n })) });
    expect(errorsOf(of, list(["b", 1], ["a", 2]), list(["a", 1], ["b", 1]))).to.deep.equal([]);
    expect(errorsOf(of, list(["new", 0], ["a", 0]), list(["a", 1]))).to.deep.equal([
      'list[1]: Invalid value: "object": failed rule: self.n >= oldSelf.n',
    ]);
  });

  describe("of lists whose order does not matter", () => {
    const item: Schema = { type: "object", properties: { name: { type: "string" }, n: { type: "integer" } } };
    const of = (rule: string): Schema => ({
      type: "object",
      properties: {
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        map: {
          type: "array",
          items: item,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        list: { type: "array", items: { type: "string" } },
      },
      "x-kubernetes-validations": [{ rule }],
    });
    const value = {
      set: ["b", "a"],
      list: ["a", "b"],
      map: [
        { name: "y", n: 2 },
        { name: "x", n: 1 },
      ],
    };
    for (const rule of [
      "self.set == ['a', 'b']",
      "['a', 'b'] != self.set",
      "self.list != ['b', 'a']",
      "self.set + ['c', 'a'] == ['a', 'b', 'c']",
      "(self.set + ['c', 'a'])[0] == 'b'",
      "size(self.list + ['a']) == 3",
      "self.map == self.map.map(item, item).filter(item, item.n == 1) + self.map.filter(item, item.n == 2)",
      "(self.map + [self.map[1]]).size() == 2",
    ]) {
      it(`holds: ${rule}`, () => expect(errorsOf(of(rule), value)).to.deep.equal([]));
    }
  });
});
