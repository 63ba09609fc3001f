import { type Clock, Counter, Histogram, type MetricsRegistry } from "@tskube/base";
import type { Filter, RequestContext } from "../http/context.ts";
import { isLongRunning } from "./request-timeout.ts";

const labelNames = ["verb", "group", "version", "resource", "subresource", "scope", "code"] as const;
const buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Counts requests and times those that do not stream, under upstream's names. */
export function requestMetrics(metrics: MetricsRegistry, clock: Clock): Filter {
  const total = new Counter({
    name: "apiserver_request_total",
    help: "Counter of apiserver requests broken out for each verb, resource, scope and HTTP code.",
    labelNames,
    registers: [metrics],
  });
  const duration = new Histogram({
    name: "apiserver_request_duration_seconds",
    help: "Response latency in seconds for each verb, resource and scope.",
    labelNames: labelNames.filter((name) => name !== "code"),
    buckets,
    registers: [metrics],
  });
  return (next) => async (context) => {
    const startedAt = clock.monotonic();
    try {
      await next(context);
    } finally {
      const labels = labelsOf(context);
      total.inc({ ...labels, code: String(context.exchange.status) });
      if (!isLongRunning(context)) duration.observe(labels, (clock.monotonic() - startedAt) / 1000);
    }
  };
}

function labelsOf({ info }: RequestContext) {
  const { group, version, resource, subresource } = info;
  return { verb: verbLabel(info.verb), group, version, resource, subresource, scope: scopeOf(info) };
}

const verbLabels: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };

function verbLabel(verb: string): string {
  return verbLabels[verb] ?? verb.toUpperCase();
}

function scopeOf({ isResource, name, namespace }: RequestContext["info"]): string {
  if (!isResource) return "";
  if (name !== "") return "resource";
  return namespace === "" ? "cluster" : "namespace";
}
