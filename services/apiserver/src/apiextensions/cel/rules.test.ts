import { Path } from "@tskube/apimachinery";
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

describe("rules", () => {
  const holding = [
    "self.n + 1 == 4",
    "self.x > 1.0",
    "has(self.text) && !has(self.map.z)",
    "self.list.all(i, i > 0) && self.list.exists(i, i == 2)",
    "self.list.sum() == 6 && self.list.max() == 3 && self.list.min() == 1 && self.list.isSorted()",
    "self.words.indexOf('b') == 0 && self.words.lastIndexOf('b') == 2 && self.words.distinct().size() == 2",
    "sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])",
    "self.text.find('[0-9]+') == '1' && self.text.findAll('[0-9]+') == ['1', '22']",
    "self.text.matches('^a') && self.text.split('b').size() == 2 && self.text.upperAscii() == 'A1B22'",
    "quantity('1Gi').isGreaterThan(quantity('500Mi')) && quantity('1').add(quantity('500m')) == quantity('1500m')",
    "isQuantity('10m') && !isQuantity('ten') && quantity('2k').asInteger() == 2000 && quantity('-1').sign() == -1",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR('10.2.0.0/16')",
    "ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && isIP('1.2.3.4') && !isCIDR('1.2.3.4')",
    "url('https://a.b:80/c?d=e').getHost() == 'a.b:80' && url('https://a.b/c?d=e').getQuery()['d'] == ['e']",
    "self.when < timestamp('2025-01-01T00:00:00Z') && self.when.getFullYear() == 2024",
    "self.long > duration('1h')",
    "type(self.free) == string && self.free.endsWith('%')",
    "self.a__dash__b == 'dash' && self.__namespace__ == 'ns'",
    "cel.bind(twice, self.n * 2, twice == 6)",
    "self.map.all(k, self.map[k] == 'v')",
    "optional.of(1).hasValue() && optional.none().orValue(2) == 2",
    "[[1], [2]].flatten() == [1, 2] && [3, 1].sort() == [1, 3] && [1, 2].reverse() == [2, 1]",
  ];
  for (const rule of holding) {
    it(`understand ${rule}`, () => {
      const rules = createRules(schema(fields, rule));
      expect(rules.errors(Path.of("s"))).to.deep.equal([]);
      expect(rules.check(object)).to.deep.equal([]);
    });
  }

  it("say which rule failed when they have no message", () => {
    const [error] = createRules({ type: "object", properties: { spec: schema(fields, "self.n > 5") } }).check({
      spec: object,
    });
    expect(error).to.deep.equal({
      type: "FieldValueInvalid",
      field: "spec",
      badValue: "object",
      detail: "failed rule: self.n > 5",
    });
  });

  it("refuse syntax that is none and fields that do not exist", () => {
    const texts = (rule: string) =>
      createRules(schema(fields, rule))
        .errors(Path.of("s"))
        .map(({ field, detail }) => `${field}: ${detail}`);
    expect(texts("self.n >")[0]).to.match(/^s\.x-kubernetes-validations\[0\]\.rule: compilation failed: /);
    expect(texts("self.nope == 1")[0]).to.contain("undefined field 'nope'");
  });

  it("stop rules that loop for too long", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => index);
    const rules = createRules(schema(fields, "self.list.all(a, self.list.all(b, a != b || true))", "self.n == 3"));
    const [error] = rules.check({ ...object, list: many });
    expect(error?.detail).to.contain("operation cancelled: actual cost limit exceeded");
  });

  it("see the old value as an optional when they ask for it", () => {
    const rule = {
      rule: "!oldSelf.hasValue() || oldSelf.value().n <= self.n",
      optionalOldSelf: true,
      message: "shrinks",
    };
    const rules = createRules({
      type: "object",
      properties: { spec: { type: "object", properties: fields, "x-kubernetes-validations": [rule] } },
    });
    expect(rules.check({ spec: { n: 1 } })).to.deep.equal([]);
    expect(rules.check({ spec: { n: 1 } }, { spec: { n: 2 } }).map(({ detail }) => detail)).to.deep.equal(["shrinks"]);
  });

  it("leave alone what an update does not change", () => {
    const rules = createRules({ type: "object", properties: { spec: schema(fields, "self.n > 5") } });
    expect(rules.check({ spec: { n: 1 } }, { spec: { n: 1 } })).to.deep.equal([]);
    expect(rules.check({ spec: { n: 2 } }, { spec: { n: 1 } })).to.have.length(1);
  });
});
