import { Counter, Histogram, type MetricsRegistry } from "@tskube/base";

export interface PolicyCheck {
  readonly policy: string;
  readonly binding: string;
  readonly action: "allow" | "deny" | "warn" | "audit";
  readonly isFailure: boolean;
}

/** Upstream's figures about policies of one kind. */
export interface PolicyMetrics {
  checked(check: PolicyCheck, seconds: number): void;
}

const buckets = [0.0000005, 0.001, 0.01, 0.1, 1];

export function createPolicyMetrics(kind: "validating" | "mutating", metrics: MetricsRegistry): PolicyMetrics {
  const registers = [metrics];
  const labelNames = ["policy", "policy_binding", "error_type", "enforcement_action"];
  const name = `apiserver_${kind}_admission_policy_check`;
  const total = new Counter({
    name: `${name}_total`,
    help: `${kind === "validating" ? "Validation" : "Mutation"} admission policy check total, labeled by policy and further identified by binding and enforcement action taken.`,
    labelNames,
    registers,
  });
  const duration = new Histogram({
    name: `${name}_duration_seconds`,
    help: `${kind === "validating" ? "Validation" : "Mutation"} admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.`,
    labelNames,
    buckets,
    registers,
  });
  return {
    checked({ policy, binding, action, isFailure }, seconds) {
      const error = isFailure ? "invalid_error" : "no_error";
      const labels = { policy, policy_binding: binding, error_type: error, enforcement_action: action };
      total.inc(labels);
      duration.observe(labels, seconds);
    },
  };
}
