import type { Service } from "@tskube/api";
import type { ObjectReader } from "../../../registry/objects.ts";
import { type Ipv4Range, offsetOf, parseIpv4Range } from "./ipv4-range.ts";
import { Pool } from "./pool.ts";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface ServicePoolOptions {
  readonly clusterIpRange: string;
  readonly nodePorts: PortRange;
}

/**
 * Cluster addresses and node ports that services may have, and which are taken. What is taken is read from the services themselves, so that
 * nothing can leak; that no two services get the same is certain through the claims that are stored with each.
 */
export class ServicePools {
  readonly addresses: Pool;
  readonly ports: Pool;
  readonly range: Ipv4Range;
  readonly portRange: PortRange;

  constructor(options: ServicePoolOptions, random: () => number) {
    this.range = parseIpv4Range(options.clusterIpRange);
    this.portRange = options.nodePorts;
    this.addresses = new Pool(this.range.size, random);
    this.ports = new Pool(this.portRange.last - this.portRange.first + 1, random);
  }

  /** Follows the services there are until the returned function is called. */
  follow(services: ObjectReader<Service>): () => void {
    const seen = new Map<string, Service>();
    return services.subscribe((change) => {
      const key = `${change.object.metadata.namespace}/${change.object.metadata.name}`;
      const before = seen.get(key);
      // The new holdings are entered before the old ones go, so that what is kept is never free in between.
      if (change.type !== "DELETED") this.#enter(change.object);
      if (before) this.#leave(before);
      if (change.type === "DELETED") seen.delete(key);
      else seen.set(key, change.object);
    });
  }

  addressOffset(address: string): number | undefined {
    return offsetOf(this.range, address);
  }

  portOffset(port: number): number | undefined {
    const { first, last } = this.portRange;
    return port >= first && port <= last ? port - first : undefined;
  }

  #enter(service: Service): void {
    for (const offset of this.#addressesOf(service)) this.addresses.take(offset);
    for (const offset of this.#portsOf(service)) this.ports.take(offset);
  }

  #leave(service: Service): void {
    for (const offset of this.#addressesOf(service)) this.addresses.release(offset);
    for (const offset of this.#portsOf(service)) this.ports.release(offset);
  }

  #addressesOf(service: Service): number[] {
    return addressesOf(service).flatMap((address) => this.addressOffset(address) ?? []);
  }

  #portsOf(service: Service): number[] {
    return nodePortsOf(service).flatMap((port) => this.portOffset(port) ?? []);
  }
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
