import type { Pod } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";

const firstMs = 10_000;
const longestMs = 10 * 60_000;

interface Record {
  readonly failures: number;
  readonly lastFailureMs: number;
}

/** How long a job waits before it replaces failed pods: ten seconds, twice as long with each further failure, no wait after a success. */
export class JobBackoff {
  readonly #records = new Map<string, Record>();

  note(key: string, newlySucceeded: readonly Pod[], newlyFailed: readonly Pod[], nowMs: number): void {
    if (newlySucceeded.length > 0) this.#records.delete(key);
    if (newlyFailed.length === 0) return;
    const before = this.#records.get(key)?.failures ?? 0;
    const lastFailureMs = Math.max(...newlyFailed.map((pod) => endedAt(pod) ?? nowMs));
    this.#records.set(key, { failures: before + newlyFailed.length, lastFailureMs });
  }

  /** What is left of the wait. */
  remainingMs(key: string, nowMs: number): number {
    const record = this.#records.get(key);
    if (!record) return 0;
    const waitMs = Math.min(firstMs * 2 ** (record.failures - 1), longestMs);
    return Math.max(0, record.lastFailureMs + waitMs - nowMs);
  }

  forget(key: string): void {
    this.#records.delete(key);
  }
}

/** When the last of the pod's containers ended; for a pod that is to go before that, when it was told to. */
function endedAt({ status, metadata }: Pod): number | undefined {
  const ends = (status?.containerStatuses ?? []).flatMap(
    ({ state }) => parseTime(state?.terminated?.finishedAt ?? "") ?? [],
  );
  return ends.length > 0 ? Math.max(...ends) : parseTime(metadata.deletionTimestamp ?? "");
}
