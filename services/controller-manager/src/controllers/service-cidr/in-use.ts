import type { IPAddress, ServiceCIDR } from "@tskube/api";
import { overlaps, parseCidr } from "../../net/cidr.ts";

/** The addresses that would be left without a range if this one went. */
export function addressesHeldBy(
  range: ServiceCIDR,
  others: readonly ServiceCIDR[],
  addresses: readonly IPAddress[],
): string[] {
  const own = cidrsOf(range);
  const rest = others.filter(({ metadata }) => !metadata.deletionTimestamp).flatMap(cidrsOf);
  return addresses.map(({ metadata }) => metadata.name).filter((address) => isIn(address, own) && !isIn(address, rest));
}

function cidrsOf({ spec }: ServiceCIDR) {
  return (spec?.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
}

function isIn(address: string, ranges: ReturnType<typeof cidrsOf>): boolean {
  const one = parseCidr(`${address}/${address.includes(":") ? 128 : 32}`);
  return one !== undefined && ranges.some((range) => overlaps(range, one));
}
