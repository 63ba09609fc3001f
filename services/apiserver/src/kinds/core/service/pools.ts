import type { IPAddress, Service, ServiceCIDR } from "@tskube/api";
import type { LocalObjects } from "../../../registry/objects.ts";
import { addressAt, type Ipv4Range, isIpv4Range, offsetOf, parseIpv4Range } from "./ipv4-range.ts";
import { Pool } from "./pool.ts";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface ServicePoolOptions {
  /** The range that there is from the start; others come as ServiceCIDR objects. */
  readonly clusterIpRange: string;
  readonly nodePorts: PortRange;
}

interface AddressPool {
  readonly range: Ipv4Range;
  readonly pool: Pool;
}

/**
 * Cluster addresses and node ports that services may have, and which are taken. What is taken is read from IPAddress objects and from the
 * services themselves, so that nothing can leak; that no two services get the same is certain through the claims that are stored with each.
 */
export class ServicePools {
  readonly ports: Pool;
  readonly portRange: PortRange;
  readonly #own: Ipv4Range;
  readonly #random: () => number;
  /** By range, in the order in which addresses are looked for. */
  #ranges = new Map<string, AddressPool>();
  readonly #taken = new Set<string>();
  readonly #serviceRanges = new Map<string, ServiceCIDR>();

  constructor(options: ServicePoolOptions, random: () => number) {
    this.#own = parseIpv4Range(options.clusterIpRange);
    this.#random = random;
    this.portRange = options.nodePorts;
    this.ports = new Pool(this.portRange.last - this.portRange.first + 1, random);
    this.#settleRanges();
  }

  /** Follows the services, addresses and ranges there are until the returned function is called. */
  follow(objects: Pick<LocalObjects, "reader">): () => void {
    const group = "networking.k8s.io";
    const ends = [
      this.#followPorts(objects),
      objects.reader<IPAddress>({ group, resource: "ipaddresses" }).subscribe(({ type, object }) => {
        if (type === "DELETED") this.#release(object.metadata.name);
        else this.#take(object.metadata.name);
      }),
      objects.reader<ServiceCIDR>({ group, resource: "servicecidrs" }).subscribe(({ type, object }) => {
        if (type === "DELETED") this.#serviceRanges.delete(object.metadata.name);
        else this.#serviceRanges.set(object.metadata.name, object);
        this.#settleRanges();
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** A free address of the first range that has one; undefined when all are full. Nothing is taken by asking. */
  pickAddress(): string | undefined {
    for (const { range, pool } of this.#ranges.values()) {
      const offset = pool.pick();
      if (offset !== undefined) return addressAt(range, offset);
    }
    return undefined;
  }

  /** Why an address cannot be had by a service that asks for it. */
  refusal(address: string): string | undefined {
    const places = this.#placesOf(address);
    if (places.length === 0) return "the provided network does not match the current range";
    return places.some(({ pool, offset }) => pool.isTaken(offset)) ? "provided IP is already allocated" : undefined;
  }

  /** Whether services may have the address at all. */
  hasAddress(address: string): boolean {
    return this.#placesOf(address).length > 0;
  }

  /** Somebody whose object was not seen yet has the address. */
  claimAddress(address: string): void {
    for (const { pool, offset } of this.#placesOf(address)) pool.claim(offset);
  }

  portOffset(port: number): number | undefined {
    const { first, last } = this.portRange;
    return port >= first && port <= last ? port - first : undefined;
  }

  #followPorts(objects: Pick<LocalObjects, "reader">): () => void {
    const seen = new Map<string, readonly number[]>();
    return objects.reader<Service>({ group: "", resource: "services" }).subscribe(({ type, object }) => {
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      const before = seen.get(key) ?? [];
      const after = type === "DELETED" ? [] : nodePortsOf(object).flatMap((port) => this.portOffset(port) ?? []);
      // The new holdings are entered before the old ones go, so that what is kept is never free in between.
      for (const offset of after) this.ports.take(offset);
      for (const offset of before) this.ports.release(offset);
      if (after.length > 0) seen.set(key, after);
      else seen.delete(key);
    });
  }

  #take(address: string): void {
    if (this.#taken.has(address)) return;
    this.#taken.add(address);
    for (const { pool, offset } of this.#placesOf(address)) pool.take(offset);
  }

  #release(address: string): void {
    if (!this.#taken.delete(address)) return;
    for (const { pool, offset } of this.#placesOf(address)) pool.release(offset);
  }

  #placesOf(address: string): { pool: Pool; offset: number }[] {
    return [...this.#ranges.values()].flatMap(({ range, pool }) => {
      const offset = offsetOf(range, address);
      return offset === undefined ? [] : [{ pool, offset }];
    });
  }

  /** Ranges that are ready are given out from; pools of those that stay are kept. */
  #settleRanges(): void {
    const before = this.#ranges;
    const ready = [...this.#serviceRanges.values()].filter(isReady).flatMap(({ spec }) => spec?.cidrs ?? []);
    const wanted = new Set([this.#own.cidr, ...ready.filter(isIpv4Range).sort()]);
    this.#ranges = new Map([...wanted].map((cidr) => [cidr, before.get(cidr) ?? this.#newPool(parseIpv4Range(cidr))]));
  }

  #newPool(range: Ipv4Range): AddressPool {
    const pool = new Pool(range.size, this.#random);
    for (const address of this.#taken) {
      const offset = offsetOf(range, address);
      if (offset !== undefined) pool.take(offset);
    }
    return { range, pool };
  }
}

function isReady({ metadata, status }: ServiceCIDR): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" && !metadata.deletionTimestamp;
}

/** The cluster addresses that a service has. */
export function addressesOf({ spec }: Service): string[] {
  if (spec.type === "ExternalName") return [];
  return (spec.clusterIPs ?? []).filter((address) => address !== "None" && address !== "");
}

/** The node ports that a service has, each once: ports of different protocols may share one. */
export function nodePortsOf({ spec }: Service): number[] {
  const ports = (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0);
  return [...new Set([...ports, spec.healthCheckNodePort ?? 0])].filter((port) => port > 0);
}
