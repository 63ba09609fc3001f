import type { Clock } from "@tskube/base";
import type { HealthChecks } from "@tskube/component";
import type { Store } from "@tskube/store";
import type { ServerLife } from "./server-life.ts";

export interface CheckDeps {
  readonly store: Pick<Store, "currentRevision">;
  readonly life: ServerLife;
  readonly clock: Clock;
  /** Throws while caches are not synced. */
  readonly requireCaches: () => void;
}

/** A store that takes longer to tell its revision is no use to anybody. */
const storeTimeoutMs = 2_000;

/** The server's checks, under upstream's names. */
export function addChecks(health: HealthChecks, { store, life, clock, requireCaches }: CheckDeps): void {
  const askStore = () => within(clock, storeTimeoutMs, store.currentRevision());
  health.add("log", () => {});
  health.add("etcd", askStore);
  health.add("etcd-readiness", askStore, ["readyz"]);
  health.add("informer-sync", requireCaches, ["readyz"]);
  health.add("shutdown", () => requireServing(life), ["readyz"]);
}

function requireServing(life: ServerLife): void {
  if (life.isLeaving) throw new Error("process is shutting down");
}

/** Rejects when `answer` takes longer. */
function within(clock: Clock, timeoutMs: number, answer: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    answer.then(() => resolve(), reject).finally(cancel);
  });
}
