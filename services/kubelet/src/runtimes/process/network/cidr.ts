import { isIPv4 } from "node:net";
import { CriError } from "@tskube/cri";

/** An IPv4 network, as numbers. */
export interface Cidr {
  readonly base: number;
  readonly bits: number;
}

export function parseCidr(text: string): Cidr {
  const [address = "", bitsText = ""] = text.split("/");
  const bits = Number(bitsText);
  if (!isIPv4(address) || !/^\d+$/.test(bitsText) || bits < 8 || bits > 30) {
    throw new CriError(
      "INVALID_ARGUMENT",
      `pod network must be an IPv4 CIDR between /8 and /30, not ${JSON.stringify(text)}`,
    );
  }
  return { base: networkBase(ipToNumber(address), bits), bits };
}

export const cidrSize = ({ bits }: Cidr): number => 2 ** (32 - bits);
export const addressIn = ({ base }: Cidr, offset: number): string => numberToIp(base + offset);
export const contains = (cidr: Cidr, ip: string): boolean => networkBase(ipToNumber(ip), cidr.bits) === cidr.base;

function networkBase(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}

function ipToNumber(ip: string): number {
  return ip.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function numberToIp(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The hardware address that goes with an address: a reused IP then comes with its old MAC, and no neighbour's cache is wrong. */
export function macOfIp(ip: string): string {
  const octets = ip.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["0a", "58", ...octets].join(":");
}
