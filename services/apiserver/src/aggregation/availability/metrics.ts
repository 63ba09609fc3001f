import { Counter, Gauge, type MetricsRegistry } from "@tskube/base";
import type { APIService } from "../api-service/api-service.ts";
import { type Availability, isAvailable } from "../api-service/conditions.ts";

export interface AvailabilityMetrics {
  /** What has been found of an APIService; counts when it has just become unavailable. */
  observe(before: APIService, found: Availability): void;
  forget(name: string): void;
}

/** What operators watch of APIServices, under upstream's names. */
export function availabilityMetrics(metrics: MetricsRegistry): AvailabilityMetrics {
  const unavailable = new Gauge({
    name: "aggregator_unavailable_apiservice",
    help: "Gauge of APIServices which are marked as unavailable broken down by APIService name.",
    labelNames: ["name"],
    registers: [metrics],
  });
  const total = new Counter({
    name: "aggregator_unavailable_apiservice_total",
    help: "Counter of APIServices which are marked as unavailable broken down by APIService name and reason.",
    labelNames: ["name", "reason"],
    registers: [metrics],
  });
  return {
    observe(before, { status, reason }) {
      const { name } = before.metadata;
      unavailable.set({ name }, status === "True" ? 0 : 1);
      if (status !== "True" && isAvailable(before)) total.inc({ name, reason });
    },
    forget: (name) => unavailable.remove({ name }),
  };
}
