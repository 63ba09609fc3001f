import { isIPv4, isIPv6 } from "node:net";

/** IP addresses and CIDRs. Each returns what is wrong, as sentences. */

/** Upstream still takes leading zeros in IPv4 parts (decimal, never octal). */
function withoutLeadingZeros(value: string): string {
  return /^[0-9.]+$/.test(value) ? value.replace(/(^|\.)0+(?=[0-9])/g, "$1") : value;
}

/** 4 or 6, or undefined for what is no address. An IPv4 address in IPv6 form counts as 4, as in Go; zones are refused. */
export function ipFamily(value: string): 4 | 6 | undefined {
  if (isIPv4(withoutLeadingZeros(value))) return 4;
  if (!isIPv6(value) || value.includes("%")) return undefined;
  return mappedIPv4.test(new URL(`http://[${value}]`).hostname) ? 4 : 6;
}

/** How a URL writes `::ffff:a.b.c.d`, whichever of its many forms it was given in. */
const mappedIPv4 = /^\[::ffff:[0-9a-f]+:[0-9a-f]+\]$/;

export function ipErrors(value: string): string[] {
  return ipFamily(value) ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
}

export function ipv4Errors(value: string): string[] {
  return ipFamily(value) === 4 ? [] : ["must be a valid IPv4 address"];
}

export function ipv6Errors(value: string): string[] {
  return ipFamily(value) === 6 ? [] : ["must be a valid IPv6 address"];
}

export function cidrErrors(value: string): string[] {
  return isCidr(value) ? [] : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
}

function isCidr(value: string): boolean {
  const slash = value.indexOf("/");
  if (slash < 0) return false;
  const address = value.slice(0, slash);
  const bits = value.slice(slash + 1);
  if (ipFamily(address) === undefined || !/^[0-9]{1,3}$/.test(bits)) return false;
  return Number(bits) <= (address.includes(":") ? 128 : 32);
}
