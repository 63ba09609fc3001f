import { Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";

/** What a queue reports; times are seconds. */
export interface WorkqueueMetrics {
  added(depth: number): void;
  taken(depth: number, waitedSeconds: number): void;
  done(workedSeconds: number): void;
  retried(): void;
}

export const noWorkqueueMetrics: WorkqueueMetrics = { added() {}, taken() {}, done() {}, retried() {} };

const durationBuckets = [
  1e-8, 1e-7, 1e-6, 9.999999999999999e-6, 9.999999999999999e-5, 0.001, 0.01, 0.1, 1, 10, 100, 1000,
];

/** Upstream's `workqueue_*` series for the queue `name`; queues of one registry share the metrics. */
export function workqueueMetrics(registry: MetricsRegistry, name: string, running?: RunningTimes): WorkqueueMetrics {
  const depth = gauge(registry, "workqueue_depth", "Current depth of workqueue");
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
  const unfinished = gauge(
    registry,
    "workqueue_unfinished_work_seconds",
    "Seconds of work in progress that work_duration has not observed yet",
  );
  const longest = gauge(
    registry,
    "workqueue_longest_running_processor_seconds",
    "Seconds the longest running processor has been running",
  );
  // Series exist from the start, so that a rate over a queue that never failed is zero and not absent.
  adds.inc({ name }, 0);
  retries.inc({ name }, 0);
  depth.set({ name }, 0);
  const reportRunning = () => {
    unfinished.set({ name }, running?.totalSeconds() ?? 0);
    longest.set({ name }, running?.longestSeconds() ?? 0);
  };
  return {
    added(size) {
      adds.inc({ name });
      depth.set({ name }, size);
    },
    taken(size, seconds) {
      depth.set({ name }, size);
      waited.observe({ name }, seconds);
      reportRunning();
    },
    done(seconds) {
      worked.observe({ name }, seconds);
      reportRunning();
    },
    retried: () => retries.inc({ name }),
  };
}

/** Work under way, for the two series that look at it. */
export interface RunningTimes {
  totalSeconds(): number;
  longestSeconds(): number;
}

function gauge(registry: MetricsRegistry, name: string, help: string): Gauge<"name"> {
  return (
    (registry.getSingleMetric(name) as Gauge<"name">) ??
    new Gauge({ name, help, labelNames: ["name"], registers: [registry] })
  );
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
