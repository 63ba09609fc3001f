import type { Pod, PodStatus } from "@tskube/api";
import { compareResourceVersions, deepEqual, isConflict, isNotFound } from "@tskube/apimachinery";
import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";
import { isMirror, nameOf, namespaceOf, uidOf } from "../pods/identity.ts";
import { isShown, statusPatch } from "./status-patch.ts";

export interface StatusManagerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The API object that stands for a pod: itself, or the mirror of a static pod; undefined when there is none. */
  readonly apiPod: (uid: string) => Pod | undefined;
}

interface Entry {
  pod: Pod;
  status: PodStatus;
  /** Counts statuses of this pod; what is written is the newest, whatever came in between. */
  version: number;
  writtenVersion: number;
  /** What the API holds by our last write. */
  written: PodStatus | undefined;
  /** The resourceVersion of that write. */
  writtenAt: string;
  /** All is stopped and cleaned up: the API object may go. */
  isFinal: boolean;
  isWriting: boolean;
}

const retry = { baseMs: 500, maxMs: 10_000 };

/** Brings pod statuses to the API: each pod's newest one, never two writes of a pod at a time, and nothing that is there already. */
export class StatusManager {
  readonly #deps: StatusManagerDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #signal: AbortSignal;

  constructor(deps: StatusManagerDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status;
  }

  /** Sets a pod's status, to be written soon if it differs. */
  set(pod: Pod, status: PodStatus): void {
    const uid = uidOf(pod);
    const known = this.#entries.get(uid);
    if (known && deepEqual(known.status, status)) {
      known.pod = pod;
      return;
    }
    const entry: Entry = known ?? {
      pod,
      status,
      version: 0,
      writtenVersion: 0,
      written: undefined,
      writtenAt: "",
      isFinal: false,
      isWriting: false,
    };
    entry.pod = pod;
    entry.status = status;
    entry.version++;
    this.#entries.set(uid, entry);
    this.#wake(uid, entry);
  }

  /** Takes note of what the API holds: a status that somebody else changed is written again. */
  observe(target: Pod, uid = uidOf(target)): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    if (entry.isWriting) {
      entry.version++; // a write under way may have found no object yet: once more after it
      return;
    }
    const seenAt = target.metadata.resourceVersion;
    const isOlder = seenAt && entry.writtenAt && compareResourceVersions(seenAt, entry.writtenAt) < 0;
    if (isOlder || isShown(target.status, entry.status)) return;
    entry.written = undefined;
    entry.version++;
    this.#wake(uid, entry);
  }

  /** Notes that nothing of the pod is left on the node: with its last status, its API object is deleted if it is to go. */
  finish(pod: Pod): void {
    const uid = uidOf(pod);
    const entry = this.#entries.get(uid) ?? {
      pod,
      status: pod.status ?? {},
      version: 0,
      writtenVersion: 0,
      written: undefined,
      writtenAt: "",
      isFinal: false,
      isWriting: false,
    };
    entry.pod = pod;
    entry.isFinal = true;
    entry.version++;
    this.#entries.set(uid, entry);
    this.#wake(uid, entry);
  }

  /** Drops what is known of a pod that is gone from the API. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  #wake(uid: string, entry: Entry): void {
    if (entry.isWriting) return;
    entry.isWriting = true;
    void this.#writeAll(uid, entry).finally(() => {
      entry.isWriting = false;
      const hasNewer = entry.writtenVersion < entry.version && this.#entries.get(uid) === entry;
      if (hasNewer && !this.#signal.aborted) this.#wake(uid, entry);
    });
  }

  async #writeAll(uid: string, entry: Entry): Promise<void> {
    const { clock, logger } = this.#deps;
    await Promise.resolve(); // several statuses set in one turn are one write
    for (
      let failures = 0;
      entry.writtenVersion < entry.version && !this.#signal.aborted && this.#entries.get(uid) === entry;
    ) {
      const { version } = entry;
      try {
        await this.#write(uid, entry);
        entry.writtenVersion = version;
        failures = 0;
      } catch (error) {
        failures++;
        logger.warn(
          { pod: nameOf(entry.pod), namespace: namespaceOf(entry.pod), error: errorMessage(error) },
          "cannot write pod status",
        );
        await sleep(clock, backoffMs(failures, retry), this.#signal);
      }
    }
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    const target = this.#deps.apiPod(uid);
    if (!target) return;
    const pods = this.#deps.client.pods(namespaceOf(target));
    const patch = statusPatch(entry.written ?? target.status, entry.status);
    if (patch) {
      const { status } = entry;
      try {
        // The uid makes it fail on a new pod of the same name.
        const stored = await pods.patchStatus(
          nameOf(target),
          { metadata: { uid: uidOf(target) }, status: patch },
          { signal: this.#signal },
        );
        entry.written = status;
        entry.writtenAt = stored.metadata.resourceVersion ?? "";
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
    if (entry.isFinal && target.metadata.deletionTimestamp && !isMirror(target)) await this.#deleteFromApi(target);
  }

  async #deleteFromApi(target: Pod): Promise<void> {
    try {
      await this.#deps.client
        .pods(namespaceOf(target))
        .delete(nameOf(target), { gracePeriodSeconds: 0, preconditions: { uid: uidOf(target) }, signal: this.#signal });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
