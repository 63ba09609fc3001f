import { Counter, Histogram, type MetricsRegistry } from "@tskube/base";
import type { Authorizer, Decision } from "../authorizer.ts";
import type { OnEvaluated } from "./webhook-authorizer.ts";

export interface AuthorizationMetrics {
  /** The same authorizer, whose final decisions are counted. */
  counted(type: string, name: string, authorizer: Authorizer): Authorizer;
  webhook(name: string): OnEvaluated;
}

/** What authorizers decide and how webhooks fare, under upstream's names. */
export function authorizationMetrics(registry: MetricsRegistry): AuthorizationMetrics {
  const decisions = new Counter({
    name: "apiserver_authorization_decisions_total",
    help: "Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.",
    labelNames: ["type", "name", "decision"],
    registers: [registry],
  });
  const evaluations = new Counter({
    name: "apiserver_authorization_webhook_evaluations_total",
    help: "Round-trips to authorization webhooks.",
    labelNames: ["name", "result"],
    registers: [registry],
  });
  const failedOpen = new Counter({
    name: "apiserver_authorization_webhook_evaluations_fail_open_total",
    help: "NoOpinion results due to webhook timeout or error.",
    labelNames: ["name", "result"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "apiserver_authorization_webhook_duration_seconds",
    help: "Request latency in seconds.",
    labelNames: ["name", "result"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    counted(type, name, authorizer) {
      // Bound once: most decisions take less time than finding a counter by its labels.
      const allowed = decisions.labels({ type, name, decision: "allowed" });
      const denied = decisions.labels({ type, name, decision: "denied" });
      const count = (decision: Decision): Decision => {
        if (decision.allowed) allowed.inc();
        else if (decision.denied) denied.inc();
        return decision;
      };
      return {
        name,
        authorize(attributes) {
          const decision = authorizer.authorize(attributes);
          return decision instanceof Promise ? decision.then(count) : count(decision);
        },
      };
    },
    webhook: (name) => (result, isOpen, seconds) => {
      evaluations.inc({ name, result });
      durations.observe({ name, result }, seconds);
      if (isOpen) failedOpen.inc({ name, result });
    },
  };
}
