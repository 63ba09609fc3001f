import type { HealthChecks } from "@tskube/component";
import type { Store } from "@tskube/store";
import type { ServerLife } from "./server-life.ts";

export interface CheckDeps {
  readonly store: Pick<Store, "currentRevision">;
  readonly life: ServerLife;
  /** Throws while caches are not synced. */
  readonly requireCaches: () => void;
}

/** The server's checks, under upstream's names. */
export function addChecks(health: HealthChecks, { store, life, requireCaches }: CheckDeps): void {
  const askStore = async () => void (await store.currentRevision());
  health.add("log", () => {});
  health.add("etcd", askStore);
  health.add("etcd-readiness", askStore, ["readyz"]);
  health.add("informer-sync", requireCaches, ["readyz"]);
  health.add("shutdown", () => requireServing(life), ["readyz"]);
}

function requireServing(life: ServerLife): void {
  if (life.isLeaving) throw new Error("process is shutting down");
}
