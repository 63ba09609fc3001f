import { Counter, type MetricsRegistry } from "@tskube/base";
import type { Level } from "./policy/policy.ts";

/** What audit counts, under upstream's names. */
export interface AuditMetrics {
  observeEvent(): void;
  observeLevel(level: Level): void;
  /** Events that a plugin (`log`, `webhook`, `buffered`, `truncate`) lost. */
  observeLost(plugin: string, events: number): void;
  observeRejectedRequest(): void;
}

export function createAuditMetrics(metrics: MetricsRegistry): AuditMetrics {
  const registers = [metrics];
  const total = new Counter({
    name: "apiserver_audit_event_total",
    help: "Counter of audit events generated and sent to the audit backend.",
    registers,
  });
  const errors = new Counter({
    name: "apiserver_audit_error_total",
    help: "Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.",
    labelNames: ["plugin"],
    registers,
  });
  const levels = new Counter({
    name: "apiserver_audit_level_total",
    help: "Counter of policy levels for audit events (1 per request).",
    labelNames: ["level"],
    registers,
  });
  const rejected = new Counter({
    name: "apiserver_audit_requests_rejected_total",
    help: "Counter of apiserver requests rejected due to an error in audit logging backend.",
    registers,
  });
  return {
    observeEvent: () => total.inc(),
    observeLevel: (level) => levels.inc({ level }),
    observeLost: (plugin, events) => errors.inc({ plugin }, events),
    observeRejectedRequest: () => rejected.inc(),
  };
}
