import type { KubeObject } from "@tskube/api";
import { compareResourceVersions } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { type Lister, objectKey } from "@tskube/client";

interface Pending {
  /** The newest version written. */
  version: string | undefined;
  /** Deletions under way: key → uid. */
  readonly deletions: Map<string, string | undefined>;
  since: number;
}

/** As upstream's expectations: after that long a write is taken for seen, lest a controller hangs on one that was lost. */
const forgetAfterMs = 5 * 60_000;

/**
 * What a controller wrote and its lister may not show yet. A controller that counts objects (three wanted, two seen: create one)
 * asks `areSeen` first and does nothing until its own writes have come back; their events wake it.
 *
 * ```
 * if (!own.areSeen(key)) return done;
 * own.wrote(key, await client.pods(namespace).create(pod));
 * await own.deleting(key, pod, () => client.pods(namespace).delete(name));
 * ```
 */
export class OwnWrites<T extends KubeObject> {
  readonly #lister: Pick<Lister<T>, "get" | "resourceVersion">;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();

  constructor(lister: Pick<Lister<T>, "get" | "resourceVersion">, clock: Clock) {
    this.#lister = lister;
    this.#clock = clock;
  }

  /** Remembers a creation or update done for `owner`, as the server answered it. */
  wrote(owner: string, object: T): void {
    const { resourceVersion } = object.metadata;
    if (resourceVersion === undefined) return;
    const pending = this.#of(owner);
    if (pending.version === undefined || compareResourceVersions(resourceVersion, pending.version) > 0)
      pending.version = resourceVersion;
  }

  /** Deletes by `act`, remembered from before it runs since its event may come before its answer; forgotten when it fails. */
  async deleting<R>(owner: string, object: T, act: () => Promise<R>): Promise<R> {
    const { deletions } = this.#of(owner);
    deletions.set(objectKey(object), object.metadata.uid);
    try {
      return await act();
    } catch (error) {
      deletions.delete(objectKey(object));
      throw error;
    }
  }

  /** Whether the lister shows everything written for `owner`. */
  areSeen(owner: string): boolean {
    const pending = this.#pending.get(owner);
    if (!pending) return true;
    const isOld = this.#clock.monotonic() - pending.since > forgetAfterMs;
    if (!isOld && !(this.#hasReached(pending.version) && this.#showsDeletions(pending.deletions))) return false;
    this.#pending.delete(owner);
    return true;
  }

  /** Forgets an owner that is gone. */
  forget(owner: string): void {
    this.#pending.delete(owner);
  }

  #of(owner: string): Pending {
    const known = this.#pending.get(owner);
    const pending = known ?? { version: undefined, deletions: new Map(), since: 0 };
    pending.since = this.#clock.monotonic();
    if (!known) this.#pending.set(owner, pending);
    return pending;
  }

  #hasReached(version: string | undefined): boolean {
    const seen = this.#lister.resourceVersion;
    return version === undefined || (seen !== undefined && compareResourceVersions(seen, version) >= 0);
  }

  #showsDeletions(deletions: ReadonlyMap<string, string | undefined>): boolean {
    for (const [key, uid] of deletions) {
      const object = this.#lister.get(key);
      if (object && object.metadata.uid === uid && object.metadata.deletionTimestamp === undefined) return false;
    }
    return true;
  }
}
