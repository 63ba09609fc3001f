import { BlockList, isIP, isIPv4 } from "node:net";
import { type FunctionDeclaration, func, method } from "../functions.ts";
import { traversal } from "../interpreter/cost.ts";
import * as t from "../types.ts";
import { EvaluationError, Opaque, sizeOf, type Value } from "../values/index.ts";
import { walk, walkTwice } from "./costs.ts";

const IP = t.opaque("net.IP");
const CIDR = t.opaque("net.CIDR");

interface Network {
  readonly address: string;
  readonly bits: number;
}

/** IPv6 in the one form that equal addresses share. */
function canonical(address: string): string {
  return isIPv4(address) ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const hasLeadingZero = (text: string) => isIPv4(text) && /(^|\.)0\d/.test(text);

/** No zones, and no IPv4 inside IPv6: such addresses have several forms. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !hasLeadingZero(text) && !text.includes("%") && !/^::ffff:/i.test(text);
}

function parseAddress(text: string): Opaque<string> {
  if (!isAddress(text)) {
    throw new EvaluationError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  }
  return ip(text);
}

function ip(address: string): Opaque<string> {
  const form = canonical(address);
  return new Opaque(IP, form, form);
}

function networkOf(text: string): Network | undefined {
  const [address = "", bits = "", ...more] = text.split("/");
  const isNumber = /^(0|[1-9]\d{0,2})$/.test(bits);
  if (!isAddress(address) || !isNumber || more.length > 0 || Number(bits) > widthOf(address)) return undefined;
  return { address: canonical(address), bits: Number(bits) };
}

const widthOf = (address: string) => (isIPv4(address) ? 32 : 128);

function parseNetwork(text: string): Opaque<Network> {
  const network = networkOf(text);
  if (!network) throw new EvaluationError("network address parse error during conversion from string");
  return cidr(network);
}

function cidr(network: Network): Opaque<Network> {
  return new Opaque(CIDR, network, `${network.address}/${network.bits}`);
}

function isWithin(address: string, { address: base, bits }: Network): boolean {
  if (isIP(address) !== isIP(base)) return false;
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const block = new BlockList();
  block.addSubnet(base, bits, family);
  return block.check(address, family);
}

function containsCidr({ held: outer }: Opaque<Network>, { held: inner }: Opaque<Network>): boolean {
  return inner.bits >= outer.bits && isWithin(inner.address, outer);
}

function masked({ held: { address, bits } }: Opaque<Network>): Opaque<Network> {
  const width = BigInt(widthOf(address));
  const mask = ((1n << BigInt(bits)) - 1n) << (width - BigInt(bits));
  return cidr({ address: canonical(addressOf(numberOf(address) & mask, isIPv4(address))), bits });
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [left = "", right] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [head, tail] = [groups(left), groups(right ?? "")];
  const zeros = right === undefined ? [] : Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n);
}

function addressOf(number: bigint, isV4: boolean): string {
  const [count, width, base] = isV4 ? [4, 8n, 10] : [8, 16n, 16];
  const parts = Array.from({ length: count }, (_, at) =>
    ((number >> (width * BigInt(count - 1 - at))) & ((1n << width) - 1n)).toString(base),
  );
  return parts.join(isV4 ? "." : ":");
}

const network = (text: string) => networkOf(text) as Network;

function question(name: string, networks: readonly string[], negated = false): FunctionDeclaration {
  const all = networks.map(network);
  return method(name, [IP], t.BOOL, ({ held }: Opaque<string>) => all.some((one) => isWithin(held, one)) !== negated);
}

const loopback = ["127.0.0.0/8", "::1/128"];
const linkLocal = ["169.254.0.0/16", "fe80::/10"];
const linkLocalMulticast = ["224.0.0.0/24", "ff02::/16"];
const unspecified = ["0.0.0.0/32", "::/128"];
const notGlobal = [...loopback, ...linkLocal, ...unspecified, "224.0.0.0/4", "ff00::/8", "255.255.255.255/32"];

/** Comparing the bytes of two addresses; more for a network, whose prefix is compared too, and for parsing a text. */
const containsCost =
  (isNetwork: boolean, isText: boolean) =>
  ([outer = null, inner = null]: readonly Value[]) => {
    const bytes = isAddressV4(outer) ? 4 : 16;
    const base = traversal(bytes * 2) + (isNetwork ? traversal(bytes) + 1 : 0);
    return base + (isText ? traversal(sizeOf(inner)) : 0);
  };

const isAddressV4 = (value: Value) => value instanceof Opaque && !value.key.includes(":");

/** IP addresses and networks: `cidr("10.0.0.0/8").containsIP(self.address)`. */
export const addresses: readonly FunctionDeclaration[] = [
  func("isIP", [t.STRING], t.BOOL, isAddress, walk),
  func("ip", [t.STRING], IP, parseAddress, walk),
  func("ip.isCanonical", [t.STRING], t.BOOL, (text: string) => parseAddress(text).held === text, walkTwice),
  method("family", [IP], t.INT, ({ held }: Opaque<string>) => BigInt(isIP(held))),
  question("isLoopback", loopback),
  question("isUnspecified", unspecified),
  question("isLinkLocalUnicast", linkLocal),
  question("isLinkLocalMulticast", linkLocalMulticast),
  question("isGlobalUnicast", notGlobal, true),
  func("string", [IP], t.STRING, ({ key }: Opaque) => key),
  func("isCIDR", [t.STRING], t.BOOL, (text: string) => networkOf(text) !== undefined, walk),
  func("cidr", [t.STRING], CIDR, parseNetwork, walk),
  method(
    "containsIP",
    [CIDR, IP],
    t.BOOL,
    (one: Opaque<Network>, address: Opaque<string>) => isWithin(address.held, one.held),
    containsCost(false, false),
  ),
  method(
    "containsIP",
    [CIDR, t.STRING],
    t.BOOL,
    (one: Opaque<Network>, text: string) => isWithin(parseAddress(text).held, one.held),
    containsCost(false, true),
  ),
  method("containsCIDR", [CIDR, CIDR], t.BOOL, containsCidr, containsCost(true, false)),
  method(
    "containsCIDR",
    [CIDR, t.STRING],
    t.BOOL,
    (one: Opaque<Network>, text: string) => containsCidr(one, parseNetwork(text)),
    containsCost(true, true),
  ),
  method("ip", [CIDR], IP, ({ held }: Opaque<Network>) => ip(held.address)),
  method("masked", [CIDR], CIDR, masked),
  method("prefixLength", [CIDR], t.INT, ({ held }: Opaque<Network>) => BigInt(held.bits)),
  func("string", [CIDR], t.STRING, ({ key }: Opaque) => key),
];
