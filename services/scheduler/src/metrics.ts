import { Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";
import type { QueueName } from "./queue/scheduling-queue.ts";

export type AttemptResult = "scheduled" | "unschedulable" | "error";

/** What the gauges read when they are asked for. */
export interface Gauged {
  readonly queueSizes: Readonly<Record<QueueName, number>>;
  readonly cache: { readonly nodes: number; readonly pods: number; readonly assumed: number };
  readonly bindings: number;
}

export interface SchedulerMetrics {
  attempted(result: AttemptResult, profile: string, seconds: number): void;
  algorithmRan(seconds: number): void;
  scheduled(attempts: number, sinceFirstSeconds: number): void;
  incoming(queue: QueueName, event: string): void;
  preempted(victims: number): void;
  preemptionTried(): void;
}

/** 1 ms, doubled 14 times: upstream's buckets for durations. */
const durationBuckets = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const sliBuckets = Array.from({ length: 20 }, (_, i) => 0.01 * 2 ** i);

/** The scheduler's figures under upstream's names. */
export function createSchedulerMetrics(registry: MetricsRegistry, read: () => Gauged): SchedulerMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: "scheduler_schedule_attempts_total",
    help: "Attempts to schedule pods, by result",
    labelNames: ["result", "profile"],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: "scheduler_scheduling_attempt_duration_seconds",
    help: "From taking a pod to its binding or failure",
    labelNames: ["result", "profile"],
    buckets: durationBuckets,
    registers,
  });
  const algorithmSeconds = new Histogram({
    name: "scheduler_scheduling_algorithm_duration_seconds",
    help: "Finding a node",
    buckets: durationBuckets,
    registers,
  });
  const podAttempts = new Histogram({
    name: "scheduler_pod_scheduling_attempts",
    help: "Attempts a scheduled pod has needed",
    buckets: [1, 2, 4, 8, 16],
    registers,
  });
  const sliSeconds = new Histogram({
    name: "scheduler_pod_scheduling_sli_duration_seconds",
    help: "From a pod's first attempt to its binding",
    labelNames: ["attempts"],
    buckets: sliBuckets,
    registers,
  });
  const incoming = new Counter({
    name: "scheduler_queue_incoming_pods_total",
    help: "Pods that came into a queue, by event",
    labelNames: ["queue", "event"],
    registers,
  });
  const victims = new Histogram({
    name: "scheduler_preemption_victims",
    help: "Pods preempted at once",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const preemptions = new Counter({
    name: "scheduler_preemption_attempts_total",
    help: "Attempts to make room",
    registers,
  });
  gauges(registers, read);
  return {
    attempted(result, profile, seconds) {
      attempts.inc({ result, profile });
      attemptSeconds.observe({ result, profile }, seconds);
    },
    algorithmRan: (seconds) => algorithmSeconds.observe(seconds),
    scheduled(count, sinceFirstSeconds) {
      podAttempts.observe(count);
      sliSeconds.observe({ attempts: String(count) }, sinceFirstSeconds);
    },
    incoming: (queue, event) => incoming.inc({ queue, event }),
    preempted: (count) => victims.observe(count),
    preemptionTried: () => preemptions.inc(),
  };
}

function gauges(registers: MetricsRegistry[], read: () => Gauged): void {
  new Gauge({
    name: "scheduler_pending_pods",
    help: "Pods that wait, by queue",
    labelNames: ["queue"],
    registers,
    collect() {
      for (const [queue, size] of Object.entries(read().queueSizes)) this.set({ queue }, size);
    },
  });
  new Gauge({
    name: "scheduler_cache_size",
    help: "Nodes, pods and assumed pods in the cache",
    labelNames: ["type"],
    registers,
    collect() {
      const { nodes, pods, assumed } = read().cache;
      this.set({ type: "nodes" }, nodes);
      this.set({ type: "pods" }, pods);
      this.set({ type: "assumed_pods" }, assumed);
    },
  });
  new Gauge({
    name: "scheduler_goroutines",
    help: "Work in the background, by operation",
    labelNames: ["operation"],
    registers,
    collect() {
      this.set({ operation: "binding" }, read().bindings);
    },
  });
}
