import { Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";

export type Outcome = "success" | "requeue_after" | "error" | "terminal_error";

/** What the runner reports of one controller. */
export interface ReconcileMetrics {
  started(): void;
  ended(outcome: Outcome, seconds: number): void;
  panicked(): void;
}

export const noReconcileMetrics: ReconcileMetrics = { started() {}, ended() {}, panicked() {} };

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The series of controller-runtime, one label per controller. */
export function reconcileMetrics(registry: MetricsRegistry, controller: string, workers: number): ReconcileMetrics {
  const total = find(
    registry,
    "controller_runtime_reconcile_total",
    (name) =>
      new Counter({
        name,
        help: "Total number of reconciliations per controller",
        labelNames: ["controller", "result"],
        registers: [registry],
      }),
  );
  const errors = find(
    registry,
    "controller_runtime_reconcile_errors_total",
    (name) =>
      new Counter({
        name,
        help: "Total number of reconciliation errors per controller",
        labelNames: ["controller"],
        registers: [registry],
      }),
  );
  const panics = find(
    registry,
    "controller_runtime_reconcile_panics_total",
    (name) =>
      new Counter({
        name,
        help: "Total number of reconciliation panics per controller",
        labelNames: ["controller"],
        registers: [registry],
      }),
  );
  const seconds = find(
    registry,
    "controller_runtime_reconcile_time_seconds",
    (name) =>
      new Histogram({
        name,
        help: "Length of time per reconciliation per controller",
        labelNames: ["controller"],
        buckets: durationBuckets,
        registers: [registry],
      }),
  );
  const active = find(
    registry,
    "controller_runtime_active_workers",
    (name) =>
      new Gauge({
        name,
        help: "Number of currently used workers per controller",
        labelNames: ["controller"],
        registers: [registry],
      }),
  );
  const most = find(
    registry,
    "controller_runtime_max_concurrent_reconciles",
    (name) =>
      new Gauge({
        name,
        help: "Maximum number of concurrent reconciles per controller",
        labelNames: ["controller"],
        registers: [registry],
      }),
  );
  most.set({ controller }, workers);
  active.set({ controller }, 0);
  errors.inc({ controller }, 0);
  panics.inc({ controller }, 0);
  return {
    started: () => active.inc({ controller }),
    ended(result, took) {
      active.dec({ controller });
      total.inc({ controller, result });
      seconds.observe({ controller }, took);
      if (result === "error" || result === "terminal_error") errors.inc({ controller });
    },
    panicked: () => panics.inc({ controller }),
  };
}

/** Controllers of one registry share the series. */
function find<M>(registry: MetricsRegistry, name: string, make: (name: string) => M): M {
  return (registry.getSingleMetric(name) as M | undefined) ?? make(name);
}
