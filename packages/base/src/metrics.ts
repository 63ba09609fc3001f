import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry as MetricsRegistry };

/** A registry of its own, so that two services in one process do not mix, with the process's figures when asked. */
export function createMetrics(options: { readonly processFigures: boolean }): Registry {
  const registry = new Registry();
  if (options.processFigures) collectDefaultMetrics({ register: registry });
  return registry;
}
