import { BlockList, isIP } from "node:net";
import { type CelFunc, CelScalar, type CelValue, celFunc, celMethod } from "@bufbuild/cel";
import { cidrErrors, ipErrors } from "@tskube/apimachinery";
import { held, isMarked, marked } from "../values.ts";

const { STRING, BOOL, INT, DYN } = CelScalar;

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");
const ip = (value: CelValue): string => (typeof value === "string" ? parseIp(value) : String(held("ip", value)));
const cidr = (value: CelValue): string => (typeof value === "string" ? parseCidr(value) : String(held("cidr", value)));

/** IPv6 in the one form that equal addresses share. */
function canonical(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function parseIp(text: string): string {
  if (ipErrors(text).length > 0)
    throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return canonical(text);
}

function parseCidr(text: string): string {
  if (cidrErrors(text).length > 0)
    throw new Error(`network address parse error during conversion from string: ${text}`);
  const [address = "", bits = ""] = text.split("/");
  return `${canonical(address)}/${bits}`;
}

function isWithin(address: string, network: string): boolean {
  const [base = "", bits = ""] = network.split("/");
  if (familyOf(address) !== familyOf(base)) return false;
  const block = new BlockList();
  block.addSubnet(base, Number(bits), familyOf(base));
  return block.check(address, familyOf(address));
}

const isAmong = (address: string, networks: readonly string[]) =>
  networks.some((network) => isWithin(address, network));

const question = (name: string, networks: readonly string[]): CelFunc =>
  celMethod(name, DYN, [], BOOL, function () {
    return isAmong(ip(this), networks);
  });

const loopback = ["127.0.0.0/8", "::1/128"];
const linkLocal = ["169.254.0.0/16", "fe80::/10"];
const multicast = ["224.0.0.0/4", "ff00::/8"];
const unspecified = ["0.0.0.0/32", "::/128"];

/** IP addresses and networks: `cidr("10.0.0.0/8").containsIP(self.address)`. */
export const addresses: readonly CelFunc[] = [
  celFunc("isIP", [STRING], BOOL, (text) => ipErrors(text).length === 0),
  celFunc("ip", [STRING], DYN, (text) => marked("ip", parseIp(text))),
  celFunc("ip.isCanonical", [STRING], BOOL, (text) => parseIp(text) === text),
  celMethod("family", DYN, [], INT, function () {
    return BigInt(isIP(ip(this)));
  }),
  question("isLoopback", loopback),
  question("isUnspecified", unspecified),
  question("isLinkLocalUnicast", linkLocal),
  question("isLinkLocalMulticast", ["224.0.0.0/24", "ff02::/16"]),
  celMethod("isGlobalUnicast", DYN, [], BOOL, function () {
    return !isAmong(ip(this), [...loopback, ...linkLocal, ...multicast, ...unspecified, "255.255.255.255/32"]);
  }),
  celFunc("isCIDR", [STRING], BOOL, (text) => cidrErrors(text).length === 0),
  celFunc("cidr", [STRING], DYN, (text) => marked("cidr", parseCidr(text))),
  celMethod("containsIP", DYN, [DYN], BOOL, function (address) {
    return isWithin(ip(address), cidr(this));
  }),
  celMethod("containsCIDR", DYN, [DYN], BOOL, function (other) {
    const [base = "", bits = ""] = cidr(other).split("/");
    return isWithin(base, cidr(this)) && Number(bits) >= Number(cidr(this).split("/")[1]);
  }),
  celMethod("ip", DYN, [], DYN, function () {
    return marked("ip", cidr(this).split("/")[0] ?? "");
  }),
  celMethod("prefixLength", DYN, [], INT, function () {
    return BigInt(cidr(this).split("/")[1] ?? "0");
  }),
  celFunc("string", [DYN], STRING, (value) => {
    for (const type of ["ip", "cidr", "url", "quantity"]) if (isMarked(type, value)) return String(held(type, value));
    throw new Error("no such overload");
  }),
];
