import { Counter, Histogram, type MetricsRegistry } from "@tskube/base";

type Kind = "admit" | "validating";
interface Call {
  readonly name: string;
  readonly type: Kind;
  readonly operation: string;
}

/** Upstream's figures about webhooks. */
export interface WebhookMetrics {
  called(call: Call, seconds: number, isRejected: boolean, code: number): void;
  rejected(call: Call, errorType: "calling_webhook_error" | "no_error", code: number): void;
  failedOpen(name: string, type: Kind): void;
  /** A match condition could not be evaluated. */
  conditionFailed(name: string, type: Kind, operation: string): void;
  /** Match conditions kept a write from the webhook. */
  excluded(name: string, type: Kind, operation: string): void;
}

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];

export function createWebhookMetrics(metrics: MetricsRegistry): WebhookMetrics {
  const registers = [metrics];
  const duration = new Histogram({
    name: "apiserver_admission_webhook_admission_duration_seconds",
    help: "Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).",
    labelNames: ["name", "type", "operation", "rejected"],
    buckets,
    registers,
  });
  const requests = new Counter({
    name: "apiserver_admission_webhook_request_total",
    help: "Admission webhook request total, identified by name and broken out for each admission type and operation.",
    labelNames: ["name", "type", "operation", "code", "rejected"],
    registers,
  });
  const rejections = new Counter({
    name: "apiserver_admission_webhook_rejection_count",
    help: "Admission webhook rejection count, identified by name and broken out for each admission type and operation.",
    labelNames: ["name", "type", "operation", "error_type", "rejection_code"],
    registers,
  });
  const failOpen = new Counter({
    name: "apiserver_admission_webhook_fail_open_count",
    help: "Admission webhook fail open count, identified by name and broken out for each admission type.",
    labelNames: ["name", "type"],
    registers,
  });
  const conditionLabels = ["name", "kind", "type", "operation"];
  const conditionErrors = new Counter({
    name: "apiserver_admission_match_condition_evaluation_errors_total",
    help: "Admission match condition evaluation errors count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).",
    labelNames: conditionLabels,
    registers,
  });
  const exclusions = new Counter({
    name: "apiserver_admission_match_condition_exclusions_total",
    help: "Admission match condition evaluation exclusions count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).",
    labelNames: conditionLabels,
    registers,
  });
  return {
    conditionFailed: (name, type, operation) => conditionErrors.inc({ name, kind: "webhook", type, operation }),
    excluded: (name, type, operation) => exclusions.inc({ name, kind: "webhook", type, operation }),
    called(call, seconds, isRejected, code) {
      const labels = { ...call, rejected: String(isRejected) };
      duration.observe(labels, seconds);
      requests.inc({ ...labels, code: String(code) });
    },
    rejected: (call, errorType, code) =>
      rejections.inc({ ...call, error_type: errorType, rejection_code: String(code) }),
    failedOpen: (name, type) => failOpen.inc({ name, type }),
  };
}
