import { type Clock, Counter, Gauge, Histogram, type MetricsRegistry } from "@tskube/base";
import type { Filter, RequestContext } from "../http/context.ts";
import type { RequestInfo } from "./request-info.ts";
import { isLongRunning } from "./request-timeout.ts";

export interface RequestMetricsDeps {
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  /** Whether the server has the resource and subresource that a request names: what anybody may write into a URL is no label. */
  readonly knows: (info: RequestInfo) => boolean;
}

const labelNames = ["verb", "group", "version", "resource", "subresource", "scope"] as const;
const buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Counts requests and times those that do not stream, under upstream's names. */
export function requestMetrics({ metrics, clock, knows }: RequestMetricsDeps): Filter {
  const registers = [metrics];
  const total = new Counter({
    name: "apiserver_request_total",
    help: "Counter of apiserver requests broken out for each verb, resource, scope and HTTP code.",
    labelNames: [...labelNames, "code"],
    registers,
  });
  const duration = new Histogram({
    name: "apiserver_request_duration_seconds",
    help: "Response latency in seconds for each verb, resource and scope.",
    labelNames,
    buckets,
    registers,
  });
  const longRunning = new Gauge({
    name: "apiserver_longrunning_requests",
    help: "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.",
    labelNames: [...labelNames, "component"],
    registers,
  });
  return (next) => async (context) => {
    const startedAt = clock.monotonic();
    const isLong = isLongRunning(context);
    const labels = labelsOf(context, knows);
    if (isLong) longRunning.inc({ ...labels, component: "apiserver" });
    try {
      await next(context);
    } finally {
      total.inc({ ...labels, code: String(context.exchange.status) });
      if (isLong) longRunning.dec({ ...labels, component: "apiserver" });
      else duration.observe(labels, (clock.monotonic() - startedAt) / 1000);
    }
  };
}

function labelsOf({ info }: RequestContext, knows: (info: RequestInfo) => boolean) {
  const verb = verbLabel(info.verb);
  if (!info.isResource || !knows(info)) {
    return { verb, group: "", version: "", resource: "", subresource: "", scope: "" };
  }
  const { group, version, resource, subresource } = info;
  return { verb, group, version, resource, subresource, scope: scopeOf(info) };
}

const verbLabels: Readonly<Record<string, string>> = {
  get: "GET",
  list: "LIST",
  watch: "WATCH",
  create: "POST",
  post: "POST",
  update: "PUT",
  put: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETECOLLECTION",
  head: "HEAD",
  options: "OPTIONS",
  connect: "CONNECT",
};

function verbLabel(verb: string): string {
  return Object.hasOwn(verbLabels, verb) ? (verbLabels[verb] ?? "other") : "other";
}

function scopeOf({ name, namespace }: RequestInfo): string {
  if (name !== "") return "resource";
  return namespace === "" ? "cluster" : "namespace";
}
