import { isIP } from "node:net";

/** A range of addresses: its first address as a number, and how many of the `bits` are fixed. */
export interface Cidr {
  readonly family: "IPv4" | "IPv6";
  readonly base: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** Undefined for text that is no CIDR. Bits after the prefix are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text.trim());
  const address = match?.[1] ?? "";
  const version = isIP(address);
  const prefix = Number(match?.[2]);
  const bits = version === 6 ? 128 : 32;
  if (version === 0 || prefix > bits) return undefined;
  const host = BigInt(bits - prefix);
  const base = (addressToNumber(address) >> host) << host;
  return { family: version === 6 ? "IPv6" : "IPv4", base, prefix, bits };
}

export function formatCidr({ family, base, prefix }: Cidr): string {
  return `${family === "IPv4" ? formatIpv4(base) : formatIpv6(base)}/${prefix}`;
}

/** True if the ranges share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  if (a.family !== b.family) return false;
  const host = BigInt(a.bits - Math.min(a.prefix, b.prefix));
  return a.base >> host === b.base >> host;
}

function addressToNumber(address: string): bigint {
  return address.includes(":") ? ipv6ToNumber(address) : ipv4ToNumber(address);
}

function ipv4ToNumber(address: string): bigint {
  return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function ipv6ToNumber(address: string): bigint {
  const [head = "", tail] = address.split("::");
  const groups = (part: string) =>
    part
      .split(":")
      .filter((group) => group !== "")
      .flatMap(hexGroups);
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** The last group may be an IPv4 address. */
function hexGroups(group: string): number[] {
  if (!group.includes(".")) return [Number.parseInt(group, 16)];
  const value = Number(ipv4ToNumber(group));
  return [Math.floor(value / 65_536), value % 65_536];
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  // The URL parser writes IPv6 addresses as RFC 5952 wants them.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
