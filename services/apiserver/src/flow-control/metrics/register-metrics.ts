import { Counter, Gauge, type MetricsRegistry } from "@tskube/base";
import type { FlowControl } from "../flow-control.ts";
import type { PriorityLevel } from "../priority-level.ts";
import type { Ticket } from "../queueing/ticket.ts";
import { durationBounds, lengthBounds, seatBounds } from "./bucket-counts.ts";
import { ReadHistogram } from "./read-histogram.ts";

const flowLabels = ["priority_level", "flow_schema"] as const;

/** Shows flow control's figures under upstream's names; nothing is worked out before somebody asks. */
export function registerFlowControlMetrics(metrics: MetricsRegistry, control: FlowControl): void {
  registerLevelGauges(metrics, control);
  registerFlowGauges(metrics, control);
  registerFlowCounters(metrics, control);
  registerDurations(metrics, control);
  registerSizes(metrics, control);
  registerKinds(metrics, control);
}

type LevelGauge = readonly [name: string, help: string, read: (level: PriorityLevel) => number];

const levelGauges: readonly LevelGauge[] = [
  [
    "nominal_limit_seats",
    "Nominal number of execution seats configured for each priority level",
    (l) => l.limits.nominal,
  ],
  ["lower_limit_seats", "Configured lower bound on number of execution seats", (l) => l.limits.lower],
  ["upper_limit_seats", "Configured upper bound on number of execution seats", (l) => l.limits.upper],
  ["current_limit_seats", "current derived number of execution seats", (l) => finite(l.queueSet.limit)],
  [
    "demand_seats_high_watermark",
    "High watermark, over last adjustment period, of demand_seats",
    (l) => l.adjusted.highest,
  ],
  [
    "demand_seats_average",
    "Time-weighted average, over last adjustment period, of demand_seats",
    (l) => l.adjusted.average,
  ],
  [
    "demand_seats_stdev",
    "Time-weighted standard deviation, over last period, of demand_seats",
    (l) => l.adjusted.deviation,
  ],
  ["demand_seats_smoothed", "Smoothed seat demands", (l) => l.adjusted.smoothed],
  ["target_seats", "Seat allocation targets", (l) => l.adjusted.target],
];

function registerLevelGauges(metrics: MetricsRegistry, control: FlowControl): void {
  for (const [name, help, read] of levelGauges) {
    new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: ["priority_level"],
      registers: [metrics],
      collect() {
        this.reset();
        for (const level of control.levels) this.set({ priority_level: level.name }, read(level));
      },
    });
  }
  new Gauge({
    name: "apiserver_flowcontrol_seat_fair_frac",
    help: "Fair fraction of server's concurrency to allocate to each priority level that can use it",
    registers: [metrics],
    collect() {
      this.set(control.fairFraction);
    },
  });
}

function finite(seats: number): number {
  return Number.isFinite(seats) ? seats : 0;
}

type FlowGauge = readonly [
  name: string,
  help: string,
  tickets: "waiting" | "executing",
  weigh: (ticket: Ticket) => number,
];

const flowGauges: readonly FlowGauge[] = [
  ["current_inqueue_requests", "Number of requests currently pending in queues", "waiting", () => 1],
  ["current_executing_requests", "Number of requests in initial or final stage of execution", "executing", () => 1],
  [
    "current_executing_seats",
    "Concurrency (number of seats) occupied by executing requests",
    "executing",
    (t) => t.seats,
  ],
];

function registerFlowGauges(metrics: MetricsRegistry, control: FlowControl): void {
  for (const [name, help, which, weigh] of flowGauges) {
    new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help: `${help} of the API Priority and Fairness subsystem`,
      labelNames: flowLabels,
      registers: [metrics],
      collect() {
        this.reset();
        for (const { level, schema } of control.stats) this.set({ priority_level: level, flow_schema: schema }, 0);
        for (const level of control.levels) {
          for (const ticket of ticketsOf(level, which)) {
            this.inc({ priority_level: level.name, flow_schema: ticket.subject.flowSchema }, weigh(ticket));
          }
        }
      },
    });
  }
}

function ticketsOf({ queueSet }: PriorityLevel, which: "waiting" | "executing"): Iterable<Ticket> {
  return which === "executing" ? queueSet.executing : queueSet.queues.flatMap(({ waiting }) => [...waiting]);
}

function registerFlowCounters(metrics: MetricsRegistry, control: FlowControl): void {
  new Counter({
    name: "apiserver_flowcontrol_dispatched_requests_total",
    help: "Number of requests executed by API Priority and Fairness subsystem",
    labelNames: flowLabels,
    registers: [metrics],
    collect() {
      this.reset();
      for (const { level, schema, dispatched } of control.stats) {
        if (dispatched > 0) this.inc({ priority_level: level, flow_schema: schema }, dispatched);
      }
    },
  });
  new Counter({
    name: "apiserver_flowcontrol_rejected_requests_total",
    help: "Number of requests rejected by API Priority and Fairness subsystem",
    labelNames: [...flowLabels, "reason"],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { level, schema, rejected } of control.stats) {
        for (const [reason, count] of Object.entries(rejected)) {
          this.inc({ priority_level: level, flow_schema: schema, reason }, count);
        }
      }
    },
  });
}

function registerDurations(metrics: MetricsRegistry, control: FlowControl): void {
  const registers = [metrics];
  new ReadHistogram({
    name: "apiserver_flowcontrol_request_wait_duration_seconds",
    help: "Length of time a request spent waiting in its queue",
    labelNames: [...flowLabels, "execute"],
    bounds: durationBounds,
    registers,
    read: () =>
      [...control.stats].flatMap(({ level, schema, waitOfExecuted, waitOfRejected }) => {
        const flow = { priority_level: level, flow_schema: schema };
        return [
          { labels: { ...flow, execute: "true" }, histogram: waitOfExecuted },
          { labels: { ...flow, execute: "false" }, histogram: waitOfRejected },
        ];
      }),
  });
  new ReadHistogram({
    name: "apiserver_flowcontrol_request_execution_seconds",
    help: "Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution",
    labelNames: [...flowLabels, "type"],
    bounds: durationBounds,
    registers,
    read: () =>
      [...control.stats].flatMap(({ level, schema, execution, watchStart }) => {
        const flow = { priority_level: level, flow_schema: schema };
        return [
          { labels: { ...flow, type: "regular" }, histogram: execution },
          { labels: { ...flow, type: "watch" }, histogram: watchStart },
        ];
      }),
  });
}

function registerSizes(metrics: MetricsRegistry, control: FlowControl): void {
  const sizes = [
    [
      "work_estimated_seats",
      "Number of estimated seats (maximum of initial and final seats) associated with requests",
      seatBounds,
      "seats",
    ],
    [
      "request_queue_length_after_enqueue",
      "Length of queue, as seen by each request after it is enqueued",
      lengthBounds,
      "queueLength",
    ],
  ] as const;
  for (const [name, help, bounds, of] of sizes) {
    new ReadHistogram({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: flowLabels,
      bounds,
      registers: [metrics],
      read: () =>
        [...control.stats].map((stats) => ({
          labels: { priority_level: stats.level, flow_schema: stats.schema },
          histogram: stats[of],
        })),
    });
  }
}

const readVerbs = new Set(["get", "list", "watch"]);

/** Reads and writes apart, as they are counted without priority and fairness, too. */
function registerKinds(metrics: MetricsRegistry, control: FlowControl): void {
  const gauges = [
    ["inflight", "executing", "Maximal number of currently used inflight request limit per request kind."],
    ["inqueue", "waiting", "Maximal number of queued requests per request kind."],
  ] as const;
  for (const [name, which, help] of gauges) {
    new Gauge({
      name: `apiserver_current_${name}_requests`,
      help,
      labelNames: ["request_kind"],
      registers: [metrics],
      collect() {
        for (const kind of ["readOnly", "mutating"]) this.set({ request_kind: kind }, 0);
        for (const level of control.levels) {
          for (const { subject } of ticketsOf(level, which)) {
            this.inc({ request_kind: readVerbs.has(subject.info.verb) ? "readOnly" : "mutating" });
          }
        }
      },
    });
  }
}
