import { type Clock, Gauge, type Logger, type MetricsRegistry } from "@tskube/base";
import { type InFlightLimits, maxInFlight } from "../filters/max-in-flight.ts";
import { priorityAndFairness } from "../filters/priority-and-fairness.ts";
import type { RequestInfo } from "../filters/request-info.ts";
import type { Filter, Handler } from "../http/context.ts";
import type { LocalObjects } from "../registry/objects.ts";
import type { Catalog } from "../resources/catalog.ts";
import { serveDumps } from "./debug/serve-dumps.ts";
import type { WorkCounts } from "./estimate-work.ts";
import { adjustmentMs, FlowControl } from "./flow-control.ts";
import { followFlowObjects } from "./follow-objects.ts";
import { registerFlowControlMetrics } from "./metrics/register-metrics.ts";

export interface FlowControlOptions {
  readonly inFlight: InFlightLimits;
  readonly requestTimeoutMs: number;
  /** Off: two plain limits, for reads and writes. */
  readonly isFair: boolean;
}

export interface FlowControlDeps {
  readonly catalog: Catalog;
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface OpenFlowControl {
  /** The stage that holds requests up. */
  readonly filter: Filter;
  /** Shows what waits and what is handled; absent without priority and fairness. */
  readonly dumps?: Handler;
  close(): void;
}

/** A request waits no longer than this part of the time that it may take. */
const waitingPart = 1 / 4;

/** What keeps the server from being asked more than it can answer: priority and fairness, or plain limits. */
export function openFlowControl(options: FlowControlOptions, deps: FlowControlDeps): OpenFlowControl {
  return options.isFair ? openFairness(options, deps) : openLimits(options.inFlight, deps.metrics);
}

function openLimits(limits: InFlightLimits, metrics: MetricsRegistry): OpenFlowControl {
  const gauge = new Gauge({
    name: "apiserver_current_inflight_requests",
    help: "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
    labelNames: ["request_kind"],
    registers: [metrics],
  });
  return { filter: maxInFlight(limits, gauge), close: () => {} };
}

function openFairness({ inFlight, requestTimeoutMs }: FlowControlOptions, deps: FlowControlDeps): OpenFlowControl {
  const { catalog, objects, clock, metrics, logger } = deps;
  const flowControl = new FlowControl({ clock, counts: countsOf(catalog) }, inFlight.readOnly + inFlight.mutating);
  registerFlowControlMetrics(metrics, flowControl);
  const stops = [followFlowObjects(flowControl, objects, logger), adjustRegularly(flowControl, clock)];
  return {
    filter: priorityAndFairness({ flowControl, clock, waitLimitMs: requestTimeoutMs * waitingPart }),
    dumps: serveDumps(flowControl, clock),
    close() {
      for (const stop of stops) stop();
    },
  };
}

function adjustRegularly(flowControl: FlowControl, clock: Clock): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(adjustmentMs, () => {
      flowControl.adjust();
      next();
    });
  };
  next();
  return () => cancel();
}

function countsOf(catalog: Catalog): WorkCounts {
  const find = (info: RequestInfo) => {
    const found = catalog.find(info);
    return found?.isLazy ? undefined : found;
  };
  return {
    objects: (info) => find(info)?.cache.size,
    watchers: (info) => find(info)?.broadcaster.untriggeredWatchers ?? 0,
  };
}
