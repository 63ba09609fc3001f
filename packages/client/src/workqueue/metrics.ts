import { Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";

/** What a queue reports; times are seconds. */
export interface WorkqueueMetrics {
  added(): void;
  taken(waitedSeconds: number): void;
  done(workedSeconds: number): void;
  retried(): void;
}

export const noWorkqueueMetrics: WorkqueueMetrics = { added() {}, taken() {}, done() {}, retried() {} };

const durationBuckets = [
  1e-8, 1e-7, 1e-6, 9.999999999999999e-6, 9.999999999999999e-5, 0.001, 0.01, 0.1, 1, 10, 100, 1000,
];

/** A queue as it is now, for the series that are looked at and not counted. */
export interface QueueState {
  readonly depth: number;
  /** When each key under work was taken, and the present, by one clock in milliseconds. */
  readonly startedAt: Iterable<number>;
  readonly nowMs: number;
}

/** Upstream's `workqueue_*` series for the queue `name`; queues of one registry share the metrics. `stateOf` is asked when the page is read. */
export function workqueueMetrics(registry: MetricsRegistry, name: string, stateOf: () => QueueState): WorkqueueMetrics {
  const adds = counter(registry, "workqueue_adds_total", "Total number of adds handled by workqueue");
  const retries = counter(registry, "workqueue_retries_total", "Total number of retries handled by workqueue");
  const waited = histogram(
    registry,
    "workqueue_queue_duration_seconds",
    "How long in seconds an item stays in workqueue before being requested",
  );
  const worked = histogram(
    registry,
    "workqueue_work_duration_seconds",
    "How long in seconds processing an item from workqueue takes",
  );
  watchedQueues(registry).set(name, stateOf);
  // Series exist from the start, so that a rate over a queue that never failed is zero and not absent.
  adds.inc({ name }, 0);
  retries.inc({ name }, 0);
  return {
    added: () => adds.inc({ name }),
    taken: (seconds) => waited.observe({ name }, seconds),
    done: (seconds) => worked.observe({ name }, seconds),
    retried: () => retries.inc({ name }),
  };
}

const watched = new WeakMap<MetricsRegistry, Map<string, () => QueueState>>();

/** The queues behind a registry's gauges, which are set only when somebody reads them: setting them per key cost more than the queue. */
function watchedQueues(registry: MetricsRegistry): Map<string, () => QueueState> {
  const known = watched.get(registry);
  if (known) return known;
  const queues = new Map<string, () => QueueState>();
  watched.set(registry, queues);
  gauge(registry, queues, "workqueue_depth", "Current depth of workqueue", ({ depth }) => depth);
  gauge(
    registry,
    queues,
    "workqueue_unfinished_work_seconds",
    "Seconds of work in progress that work_duration has not observed yet",
    (state) => runningSeconds(state).reduce((sum, one) => sum + one, 0),
  );
  gauge(
    registry,
    queues,
    "workqueue_longest_running_processor_seconds",
    "Seconds the longest running processor has been running",
    (state) => Math.max(0, ...runningSeconds(state)),
  );
  return queues;
}

function runningSeconds({ startedAt, nowMs }: QueueState): number[] {
  return Array.from(startedAt, (at) => (nowMs - at) / 1000);
}

function gauge(
  registry: MetricsRegistry,
  queues: ReadonlyMap<string, () => QueueState>,
  name: string,
  help: string,
  measure: (state: QueueState) => number,
): void {
  const made = new Gauge({
    name,
    help,
    labelNames: ["name"],
    registers: [registry],
    collect() {
      for (const [queue, stateOf] of queues) made.set({ name: queue }, measure(stateOf()));
    },
  });
}

function counter(registry: MetricsRegistry, name: string, help: string): Counter<"name"> {
  return (
    (registry.getSingleMetric(name) as Counter<"name">) ??
    new Counter({ name, help, labelNames: ["name"], registers: [registry] })
  );
}

function histogram(registry: MetricsRegistry, name: string, help: string): Histogram<"name"> {
  const known = registry.getSingleMetric(name) as Histogram<"name"> | undefined;
  return known ?? new Histogram({ name, help, labelNames: ["name"], buckets: durationBuckets, registers: [registry] });
}
