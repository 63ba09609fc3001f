import type { IPAddress, Service, ServiceCIDR } from "@tskube/api";
import { allocatorName, managedByLabel } from "../kinds/core/service/address-record.ts";
import { isIpv4Range, offsetOf, parseIpv4Range } from "../kinds/core/service/ipv4-range.ts";
import { addressesOf, nodePortsOf } from "../kinds/core/service/pools.ts";

export interface Repair {
  /** What is wrong, as the reason of an event. */
  readonly reason: string;
  readonly message: string;
  readonly about: Service | IPAddress;
  /** The address that is to be recorded for the service, or whose record is to go; without it nothing but words can help. */
  readonly record?: { readonly act: "create" | "delete"; readonly address: string };
}

export interface Holdings {
  readonly services: readonly Service[];
  readonly addresses: readonly IPAddress[];
  readonly ranges: readonly ServiceCIDR[];
  readonly nodePorts: { readonly first: number; readonly last: number };
}

/** What services say they have and what is recorded of it, where the two differ. */
export function findRepairs({ services, addresses, ranges, nodePorts }: Holdings): Repair[] {
  const records = new Map(addresses.map((one) => [one.metadata.name, one]));
  const holders = new Map(services.map((one) => [keyOf(one.metadata), one]));
  const cidrs = ranges
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .filter(isIpv4Range)
    .map(parseIpv4Range);
  const isInRange = (address: string) => cidrs.some((range) => offsetOf(range, address) !== undefined);
  return [
    ...services.flatMap((service) => [
      ...addressesOf(service).flatMap((address) => serviceRepairs(service, address, records.get(address), isInRange)),
      ...portRepairs(service, nodePorts),
    ]),
    ...addresses.flatMap((address) => recordRepairs(address, holders)),
  ];
}

function serviceRepairs(
  about: Service,
  address: string,
  record: IPAddress | undefined,
  isInRange: (address: string) => boolean,
): Repair[] {
  const key = keyOf(about.metadata);
  if (!isInRange(address)) {
    const message = `Cluster IP [IPv4]: ${address} is not within any configured Service CIDR; please recreate service`;
    return [{ about, reason: "ClusterIPOutOfRange", message }];
  }
  if (!record) {
    const message = `Cluster IP [IPv4]: ${address} is not allocated; repairing`;
    return [{ about, reason: "ClusterIPNotAllocated", message, record: { act: "create", address } }];
  }
  const { namespace, name } = record.spec?.parentRef ?? {};
  if (namespace === about.metadata.namespace && name === about.metadata.name) return [];
  const message = `Cluster IP [IPv4]: ${address} was assigned to multiple services; please recreate service ${key}`;
  return [{ about, reason: "ClusterIPAlreadyAllocated", message }];
}

function portRepairs(about: Service, { first, last }: Holdings["nodePorts"]): Repair[] {
  return nodePortsOf(about)
    .filter((port) => port < first || port > last)
    .map((port) => ({
      about,
      reason: "PortOutOfRange",
      message: `Port ${port} is not within the port range ${first}-${last}; please recreate service`,
    }));
}

/** Only records that the server made itself are its to clear up. */
function recordRepairs(about: IPAddress, holders: ReadonlyMap<string, Service>): Repair[] {
  if (about.metadata.labels?.[managedByLabel] !== allocatorName) return [];
  const { namespace = "", name = "" } = about.spec?.parentRef ?? {};
  const address = about.metadata.name;
  const holder = holders.get(`${namespace}/${name}`);
  if (holder && addressesOf(holder).includes(address)) return [];
  const message = `IPAddress: ${address} for Service ${namespace}/${name} appears to have leaked: cleaning up`;
  return [{ about, reason: "IPAddressNotAllocated", message, record: { act: "delete", address } }];
}

function keyOf({ namespace = "", name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${namespace}/${name}`;
}
