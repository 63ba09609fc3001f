import type { Lease } from "@tskube/api";
import { deepEqual, isNotFound } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { ResourceClient } from "../rest/resource-client.ts";
import { claim, type LeaseRecord, readRecord, released, withRecord } from "./lease-record.ts";

export interface CandidateOptions {
  readonly leases: Pick<ResourceClient<Lease>, "get" | "create" | "update">;
  readonly namespace: string;
  readonly name: string;
  /** Unique among all who may hold the lease. */
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly clock: Clock;
}

/**
 * One process's view of a lease. When another holds it, its time runs from when *we* saw it last change: the clocks of two
 * machines are never compared.
 */
export class Candidate {
  readonly #options: CandidateOptions;
  #lease: Lease | undefined;
  #seen: LeaseRecord | undefined;
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(options: CandidateOptions) {
    this.#options = options;
  }

  /** Who holds the lease as far as is known; empty for nobody. */
  get holder(): string {
    return this.#seen?.holder ?? "";
  }

  get isHolder(): boolean {
    return this.holder === this.#options.identity;
  }

  /** Tries once to take or renew the lease; false when another holds it. Throws when the server cannot be asked. */
  async tryClaim(signal: AbortSignal): Promise<boolean> {
    if (this.isHolder && this.#lease && (await this.#renewKnown(this.#lease, signal))) return true;
    const lease = await this.#read(signal);
    if (!lease) return this.#create(signal);
    this.#observe(lease);
    if (!this.isHolder && this.#isHeldByOther()) return false;
    return this.#write(lease, signal);
  }

  /** Gives the lease up, so that the next holder need not wait; nothing when it is not held. */
  async release(signal: AbortSignal): Promise<void> {
    if (!this.isHolder || !this.#lease || !this.#seen) return;
    const record = released(this.#seen, this.#options.clock.now());
    this.#observe(await this.#options.leases.update(withRecord(this.#lease, record), { signal }));
  }

  /** Saves a read, since the holder is nearly always the last who wrote; any failure falls back to reading. */
  async #renewKnown(lease: Lease, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#write(lease, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return false;
    }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#options.leases.get(this.#options.name, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { name, namespace, leases } = this.#options;
    const lease: Lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace },
      spec: {},
    };
    this.#observe(await leases.create(withRecord(lease, this.#claim(undefined)), { signal }));
    return true;
  }

  async #write(lease: Lease, signal: AbortSignal): Promise<boolean> {
    this.#observe(await this.#options.leases.update(withRecord(lease, this.#claim(this.#seen)), { signal }));
    return true;
  }

  #claim(old: LeaseRecord | undefined): LeaseRecord {
    const { identity, leaseDurationMs, clock } = this.#options;
    return claim(old, identity, leaseDurationMs, clock.now());
  }

  #isHeldByOther(): boolean {
    if (this.holder === "" || !this.#seen) return false;
    return this.#options.clock.monotonic() < this.#seenAt + this.#seen.leaseDurationMs;
  }

  #observe(lease: Lease): void {
    const record = readRecord(lease);
    this.#lease = lease;
    if (this.#seen && deepEqual(record, this.#seen)) return;
    this.#seen = record;
    this.#seenAt = this.#options.clock.monotonic();
  }
}
