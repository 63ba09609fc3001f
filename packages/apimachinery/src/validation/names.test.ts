import { expect } from "chai";
import * as addresses from "./addresses.ts";
import * as names from "./names.ts";
import * as texts from "./texts.ts";

const long = (length: number) => "a".repeat(length);

const tables: readonly [name: string, validate: (value: string) => string[], good: string[], bad: string[]][] = [
  ["DNS labels", names.dns1123LabelErrors, ["a", "1a", "a-b", long(63)], ["", "-a", "a-", "A", "a_b", "a.b", long(64)]],
  ["subdomains", names.dns1123SubdomainErrors, ["a.b-c", "1", long(253)], ["", ".a", "a..b", "A", long(254)]],
  ["DNS-1035 labels", names.dns1035LabelErrors, ["a1"], ["1a", "a.b", "", long(64)]],
  ["wildcards", names.wildcardSubdomainErrors, ["*.a.b"], ["*", "a.b", "*.*.b", "*a.b"]],
  [
    "qualified names",
    names.qualifiedNameErrors,
    ["a", "A_b.c", "x.io/A"],
    ["", "/a", "x/", "a/b/c", "-a", "X.io/a", long(64)],
  ],
  ["label values", names.labelValueErrors, ["", "A_b", long(63)], ["-a", "a ", long(64)]],
  ["path segments", names.pathSegmentNameErrors, ["system:node", "A b"], [".", "..", "a/b", "a%b"]],
  ["port names", names.portNameErrors, ["http", "a-1"], ["", "1", "a--b", "-a", "A", long(16)]],
  ["percentages", texts.percentErrors, ["0%", "120%"], ["%", "1", "-1%", "1.5%"]],
  ["header names", texts.httpHeaderNameErrors, ["X-Y"], ["", "a b"]],
  ["C identifiers", texts.cIdentifierErrors, ["_a1"], ["1a", "a-b"]],
  ["environment names", texts.envVarNameErrors, ["A_B.c-d"], ["1A", "A B", "..", "..a", ""]],
  ["relaxed environment names", texts.relaxedEnvVarNameErrors, ["1A b"], ["", "a=b", "ä", "\n"]],
  ["config map keys", texts.configMapKeyErrors, ["a.B_c-d"], ["", "..", "..a", ".", "a/b", long(254)]],
  [
    "addresses",
    addresses.ipErrors,
    ["1.2.3.4", "01.02.3.4", "::1", "2001:db8::ffff"],
    ["", "1.2.3", "1.2.3.256", "fe80::1%eth0", "a"],
  ],
  ["IPv4 addresses", addresses.ipv4Errors, ["1.2.3.4", "::ffff:1.2.3.4", "0:0:0:0:0:FFFF:102:304"], ["::1"]],
  ["IPv6 addresses", addresses.ipv6Errors, ["::1"], ["1.2.3.4", "::ffff:1.2.3.4"]],
  [
    "CIDRs",
    addresses.cidrErrors,
    ["10.0.0.0/8", "::/0", "fd00::/64"],
    ["10.0.0.0", "10.0.0.0/33", "::/129", "a/8", "1.2.3.4/x"],
  ],
];

describe("name validators", () => {
  for (const [name, validate, good, bad] of tables) {
    it(`accept good ${name} and refuse bad ones`, () => {
      expect(good.filter((value) => validate(value).length > 0)).to.deep.equal([]);
      expect(bad.filter((value) => validate(value).length === 0)).to.deep.equal([]);
    });
  }

  it("explain a bad label in upstream's words", () => {
    expect(names.dns1123LabelErrors("A")).to.deep.equal([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(names.dns1123LabelErrors("a.b")).to.deep.equal(["must not contain dots"]);
    expect(names.dns1123LabelErrors(long(64))).to.deep.equal(["must be no more than 63 bytes"]);
    expect(names.portNumberErrors(0)).to.deep.equal(["must be between 1 and 65535, inclusive"]);
  });

  it("let a prefix end in a dash", () => {
    expect(names.asPrefix(names.dns1123LabelErrors)("web-")).to.deep.equal([]);
    expect(names.asPrefix(names.dns1123LabelErrors)("-")).not.to.deep.equal([]);
  });
});
