import type { Clock } from "@tskube/base";
import type { EtcdClient } from "./client.ts";

interface SharedLease {
  readonly id: Promise<string>;
  /** Until then keys may be attached that are to live for the lease's time to live. */
  readonly attachUntil: number;
  attached: number;
}

/** Keys that may share a lease: etcd deletes all of one in a single revision. */
const maxKeysPerLease = 1000;

/**
 * Gives keys with the same time to live a common lease for a while, since a lease of its own for each costs etcd more
 * than the key: it lives so much longer that the last key attached gets its full time.
 */
export class Leases {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #shared = new Map<number, SharedLease>();

  constructor(client: EtcdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The id of a lease for a key written now. */
  async leaseFor(ttlSeconds: number): Promise<string> {
    const now = this.#clock.monotonic();
    const existing = this.#shared.get(ttlSeconds);
    if (existing && now < existing.attachUntil && existing.attached < maxKeysPerLease) {
      existing.attached++;
      return existing.id;
    }
    const extraSeconds = Math.min(60, Math.floor(ttlSeconds / 10));
    const lease = { id: this.#grant(ttlSeconds + extraSeconds), attachUntil: now + extraSeconds * 1000, attached: 1 };
    this.#shared.set(ttlSeconds, lease);
    lease.id.catch(() => this.#forget(ttlSeconds, lease));
    return lease.id;
  }

  /** Forgets leases that etcd no longer knows: the next key gets a new one. */
  clear(): void {
    this.#shared.clear();
  }

  async #grant(ttlSeconds: number): Promise<string> {
    const { etcd } = this.#client;
    // Granting one that is never used does no harm, so it is tried again as a read would be.
    const granted = await this.#client.call("read", (options) =>
      etcd.leaseClient.leaseGrant({ TTL: ttlSeconds }, options),
    );
    return granted.ID;
  }

  #forget(ttlSeconds: number, lease: SharedLease): void {
    if (this.#shared.get(ttlSeconds) === lease) this.#shared.delete(ttlSeconds);
  }
}
