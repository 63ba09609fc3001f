/** The addresses of an IPv4 network that services can have: all but the first (the network's own) and the last (broadcast). */
export interface Ipv4Range {
  readonly cidr: string;
  readonly base: number;
  /** How many addresses can be given out; they are `base + 1` to `base + size`. */
  readonly size: number;
}

/** Throws a plain error for text that is no IPv4 CIDR. */
export function parseIpv4Range(cidr: string): Ipv4Range {
  const range = readRange(cidr);
  if (!range) throw new Error(`service cluster IP range ${cidr} must be an IPv4 network of /8 to /30`);
  return range;
}

/** Whether services can get addresses from it. */
export function isIpv4Range(cidr: string): boolean {
  return readRange(cidr) !== undefined;
}

function readRange(cidr: string): Ipv4Range | undefined {
  const [address = "", bitsText = ""] = cidr.split("/");
  const bits = Number(bitsText);
  const base = ipv4ToNumber(address);
  if (base === undefined || !Number.isInteger(bits) || bits < 8 || bits > 30) return undefined;
  const total = 2 ** (32 - bits);
  return { cidr, base: base - (base % total), size: total - 2 };
}

export function ipv4ToNumber(address: string): number | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function numberToIpv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

export function addressAt({ base }: Ipv4Range, offset: number): string {
  return numberToIpv4(base + 1 + offset);
}

/** The place of an address in the range, undefined outside of it. */
export function offsetOf({ base, size }: Ipv4Range, address: string): number | undefined {
  const number = ipv4ToNumber(address);
  if (number === undefined) return undefined;
  const offset = number - base - 1;
  return offset >= 0 && offset < size ? offset : undefined;
}
