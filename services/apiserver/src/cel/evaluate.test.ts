import { expect } from "chai";
import { CostMeter } from "./interpreter/cost.ts";
import { baseFunctions } from "./libraries/index.ts";
import { compile } from "./program.ts";
import * as t from "./types.ts";
import { fromJson, toJson } from "./values/index.ts";

const object = {
  name: "web",
  n: 3,
  half: 0.5,
  list: [1, 2, 3],
  words: ["b", "a", "b"],
  map: { a: "x", b: "y" },
  none: null,
  "a-b": "dash",
};
const environment = {
  functions: baseFunctions,
  variables: { self: t.DYN, typed: t.structType("Typed", { name: t.STRING }) },
};

function run(text: string, meter?: CostMeter): unknown {
  return toJson(
    compile(text, environment).evaluate((name) => fromJson(name === "self" ? object : { name: "t" }), meter),
  );
}

function failure(text: string): string {
  try {
    return `evaluated to ${JSON.stringify(run(text))}`;
  } catch (error) {
    return (error as Error).message.split("\n")[0] ?? "";
  }
}

const holding = `
1 + 2 * 3 == 7 && 7 / 2 == 3 && -7 % 3 == -1 && 2u + 3u == 5u && 0x10 == 16
1.5 + 1.5 == 3.0 && 1 < 1.5 && 2u > 1 && double(1) == 1.0 && int(1.9) == 1 && int('42') == 42
self.n == 3 && self.half == 0.5 && self['a-b'] == 'dash' && self.none == null
has(self.name) && !has(self.absent) && has(self.map.a)
'a' + 'b' == "ab" && r'\\n' == '\\\\n' && '\\u00e9' == 'é' && b'\\x00a' == b'\\000a' && '''it's''' == "it's"
size('héllo') == 5 && 'héllo'.size() == 5 && size(b'é') == 2 && size([1]) == 1 && size({'a': 1}) == 1
true || self.absent && false
self.absent || true
!(false && self.absent)
self.n > 2 ? true : self.absent
2 in self.list && 'a' in self.map && !('z' in self.map) && 'x' in ['x']
self.list.all(i, i > 0) && self.list.exists(i, i == 2) && self.list.exists_one(i, i == 2)
self.words.exists(w, w == 'a' || self.absent)
self.list.map(i, i * 2) == [2, 4, 6] && self.list.filter(i, i != 2) == [1, 3] && self.list.map(i, i > 1, i) == [2, 3]
self.list.all(i, self.list.exists(j, i == j)) && [[1], [2]].map(l, l.map(i, i + 1)) == [[2], [3]]
self.map.all(k, self.map[k] == 'x' || k == 'b')
self.list.all(i, v, v == i + 1) && self.map.exists(k, v, v == 'y') && self.list.existsOne(i, v, i == 0)
self.list.transformList(i, v, i * v) == [0, 2, 6] && self.list.transformList(i, v, v > 1, v) == [2, 3]
self.map.transformMap(k, v, k + v) == {'a': 'ax', 'b': 'by'} && self.map.transformMapEntry(k, v, {v: k}) == {'x': 'a', 'y': 'b'}
{'a': 1, 'b': 2} == {'b': 2, 'a': 1} && [1, 2] != [2, 1] && {'a': 1}.a == 1 && [1.0, 2.0] == dyn([1, 2])
type(1) == int && type('') == string && type([]) == list && type({}) == map && type(null) == null_type && type(int) == type
'abc'.startsWith('a') && 'abc'.endsWith('c') && 'abc'.contains('b') && 'a1'.matches('^[a-z][0-9]$')
'Ab'.lowerAscii() == 'ab' && 'Ab'.upperAscii() == 'AB' && ' x '.trim() == 'x' && 'hello'.substring(1, 3) == 'el'
'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && ['a', 'b'].join('-') == 'a-b'
'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'ab'.replace('', '_') == '_a_b_' && 'tacocat'.charAt(3) == 'o'
'tacocat'.indexOf('a') == 1 && 'tacocat'.indexOf('a', 2) == 5 && 'tacocat'.lastIndexOf('a') == 5 && 'x'.indexOf('y') == -1
'a1b22'.find('[0-9]+') == '1' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'a1b22'.findAll('[0-9]+', 1) == ['1']
'%s has %d, %.2f, %x, %b, %o %%'.format([dyn('x'), 5, 1.5, 255, 5, 8]) == 'x has 5, 1.50, ff, 101, 10 %'
'%s %s %s'.format([dyn([dyn(1), 'a']), {'k': true}, 1.0]) == '[1, a] {k: true} 1'
self.list.sum() == 6 && self.list.max() == 3 && self.list.min() == 1 && self.list.isSorted() && !self.words.isSorted()
self.words.indexOf('b') == 0 && self.words.lastIndexOf('b') == 2 && [0.5].sum() == 0.5
sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])
optional.of(1).value() == 1 && !optional.none().hasValue() && optional.none().orValue(2) == 2 && optional.ofNonZeroValue('') == optional.none()
self.?map.?a.orValue('') == 'x' && self.?absent.?deeper.orValue('no') == 'no' && self.list[?9].orValue(0) == 0 && self.list[?0] == optional.of(1)
{'a': 1, ?'b': optional.none()} == {'a': 1} && [1, ?optional.none(), ?optional.of(2)] == [1, 2]
optional.of(2).optMap(x, x * 2).value() == 4 && optional.none().optMap(x, x + 1) == optional.none() && optional.of([]).optMap(v, v + [1] == v) == optional.of(false)
quantity('1Gi').isGreaterThan(quantity('500Mi')) && quantity('1').add(quantity('500m')) == quantity('1500m') && quantity('1k') == quantity('1000')
isQuantity('10m') && !isQuantity('ten') && quantity('2k').asInteger() == 2000 && quantity('-1').sign() == -1 && quantity('50k').sub(20) == quantity('49980')
cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsCIDR(cidr('10.2.0.0/16')) && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')
ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && isIP('1.2.3.4') && !isIP('01.2.3.4') && !isCIDR('1.2.3.4') && ip('8.8.8.8').isGlobalUnicast()
ip.isCanonical('::1') && !ip.isCanonical('::0:1') && string(cidr('fd00::/8').masked()) == 'fd00::/8' && cidr('1.2.3.0/24').prefixLength() == 24
url('https://a.b:80/c d?d=e&d=f'.replace(' ', '%20')).getQuery() == {'d': ['e', 'f']} && url('https://u@a.b:80/c').getHostname() == 'a.b'
isURL('/path') && !isURL('no') && url('https://[::1]:80/').getPort() == '80' && url('HTTPS://a/b').getScheme() == 'https'
!format.dns1123Label().validate('web-1').hasValue() && format.dns1123Label().validate('Web').hasValue() && format.named('uuid').hasValue() && !format.named('x').hasValue()
semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-alpha').compareTo(semver('1.0.0')) == -1 && isSemver('v1.0', true) && !isSemver('v1.0') && semver('01.2', true).minor() == 2
timestamp('2024-05-01T10:00:00Z').getFullYear() == 2024 && timestamp('2024-05-01T10:00:00Z').getHours('+02:00') == 12 && timestamp('2024-05-01T10:00:00Z').getHours('Europe/Paris') == 12
timestamp('2024-01-02T00:00:00Z') - timestamp('2024-01-01T00:00:00Z') == duration('24h') && duration('1h30m').getMinutes() == 90 && string(duration('90s')) == '90s'
timestamp('2024-03-01T00:00:00Z').getDayOfYear() == 60 && timestamp(0) + duration('1.5s') == timestamp('1970-01-01T00:00:01.5Z')
[1, 2, 3][1] == 2 && {1: 'a'}[1] == 'a' && string(1.5) == '1.5' && string(true) == 'true' && bytes('a') == b'a' && bool('true')
dyn(1) == 1u && dyn(1) != 'a' && 1 != dyn(null)
[1, 2].first().value() == 1 && [1, 2].last() == optional.of(2) && optional.unwrap([optional.of(1), optional.none()]) == [1]
`
  .trim()
  .split("\n");

describe("CEL expressions", () => {
  for (const text of holding) it(`hold: ${text}`, () => expect(run(text)).to.equal(true));

  const wrong: Readonly<Record<string, string>> = {
    "self.absent": "no such key: absent",
    "self.list[7]": "index out of bounds: 7",
    "self.n + 'a'": "no such overload",
    "1 / 0": "division by zero",
    "9223372036854775807 + 1": "integer overflow",
    "optional.none().value()": "optional.none() dereference",
    "quantity('x')": "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    "{'a': 1, 'a': 2}": "insert failed: key a already exists",
    "self.words.all(w, w)": "no such overload",
  };
  for (const [text, message] of Object.entries(wrong)) {
    it(`fail: ${text}`, () => expect(failure(text)).to.equal(message));
  }

  const refused: Readonly<Record<string, string>> = {
    "1 +": "1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', literal, IDENTIFIER}",
    "a # b": "1:3: Syntax error: token recognition error at: '#'",
    unknown: "1:1: undeclared reference to 'unknown' (in container '')",
    "nothing(1)": "1:8: undeclared reference to 'nothing' (in container '')",
    "1 + 'a'": "1:3: found no matching overload for '_+_' applied to '(int, string)'",
    "'a'.startsWith(1)": "1:15: found no matching overload for 'startsWith' applied to 'string.(int)'",
    "typed.nmae == 'x'": "1:6: undefined field 'nmae'",
    "[1, 'a']": "1:5: expected type 'int' but found 'string'",
    "1 == 1.0": "1:3: found no matching overload for '_==_' applied to '(int, double)'",
    "has(self)": "1:5: invalid argument to has() macro",
    "[1].map(1, 2)": "1:9: argument must be a simple name",
    "(5).all(x, x > 1)":
      "1:2: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    "'a'.matches('(')": "1:13: invalid matches argument: error parsing regexp: missing closing ): `(`",
    "duration('x')": "1:10: invalid duration argument",
    "1 ? 2 : 3": "1:3: found no matching overload for '_?_:_' applied to '(int, int, int)'",
    "typed.name.deeper": "1:11: type 'string' does not support field selection",
  };
  for (const [text, message] of Object.entries(refused)) {
    it(`are refused: ${text}`, () => expect(failure(text)).to.equal(`ERROR: <input>:${message}`));
  }

  it("say where they are wrong", () => {
    expect(() => compile("true &&\n  wrong", environment)).to.throw(
      "ERROR: <input>:2:3: undeclared reference to 'wrong' (in container '')\n |   wrong\n | ..^",
    );
  });

  it("cannot nest without end", () => {
    expect(failure(`${"(".repeat(400)}1${")".repeat(400)}`)).to.contain("recursion limit exceeded");
  });

  describe("cost what upstream counts", () => {
    const costs: Readonly<Record<string, number>> = {
      true: 0,
      "self.n": 2,
      "self.n == 3": 3,
      "self.n == 3 && self.half > 0.1": 6,
      "false && self.n == 3": 0,
      "has(self.n)": 1,
      "[1, 2]": 10,
      "{'a': 1}": 30,
      "'0123456789'.startsWith('01')": 1,
      "'0123456789012345'.contains('0123456789012')": 4,
      "'0123456789'.matches('0123')": 2,
      "3 in self.list": 5,
      "self.list.sum() == 6": 6,
      "self.list.all(i, i > 0)": 3 + 3 * 5,
    };
    for (const [text, cost] of Object.entries(costs)) {
      it(`${text}: ${cost}`, () => {
        const meter = new CostMeter();
        run(text, meter);
        expect(meter.used).to.equal(cost);
      });
    }

    it("and are ended when that is too much", () => {
      expect(() => run("self.list.all(a, self.list.all(b, self.list.all(c, a < 9)))", new CostMeter(100))).to.throw(
        "operation cancelled: actual cost limit exceeded",
      );
    });
  });
});
