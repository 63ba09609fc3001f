import { boolean, choice, decimal, duration, integer, type OptionValues, path } from "@tskube/component";
import { logFormats } from "./backends/log-backend.ts";

export const modes = ["batch", "blocking", "blocking-strict"] as const;
export type Mode = (typeof modes)[number];

const mib = 1024 * 1024;
const versions = ["audit.k8s.io/v1"] as const;

const modeHelp = "Whether requests wait until their events are written";
const bufferHelp = "Events that may wait to be written, in the mode batch";
const sizeHelp = "The most events of a batch";
const waitHelp = "How long a batch that is not full waits";
const throttleHelp = "Limits how often batches leave";
const qpsHelp = "Batches a second on average";
const burstHelp = "Batches at once after a time without any";
const truncateHelp = "Bounds the size of events and batches";
const batchBytesHelp = "The most bytes of a batch; longer ones are split";
const eventBytesHelp =
  "The most bytes of an event; a larger one loses its objects, and is dropped if that is not enough";

/** The flags of the audit log, under upstream's names and with its defaults. */
export const auditOptions = {
  auditPolicyFile: path("What is recorded of which requests (Policy of audit.k8s.io/v1); nothing when absent"),

  auditLogPath: path("The file that audit events are appended to; - is the standard output"),
  auditLogFormat: choice("How events are written", logFormats, { default: "json" }),
  auditLogMaxage: integer("Days that rotated files are kept; 0 is no limit", { default: 0 }),
  auditLogMaxbackup: integer("How many rotated files are kept; 0 is no limit", { default: 0 }),
  auditLogMaxsize: integer("Megabytes of a file before it is rotated; 0 is 100", { default: 0 }),
  auditLogCompress: boolean("Compresses rotated files with gzip"),
  auditLogVersion: choice("The version that events are written in", versions, { default: "audit.k8s.io/v1" }),
  auditLogMode: choice(modeHelp, modes, { default: "blocking" }),
  auditLogBatchBufferSize: integer(bufferHelp, { default: 10_000 }),
  auditLogBatchMaxSize: integer(sizeHelp, { default: 1 }),
  auditLogBatchMaxWait: duration(waitHelp, { default: 0 }),
  auditLogBatchThrottleEnable: boolean(throttleHelp),
  auditLogBatchThrottleQps: decimal(qpsHelp, { default: 0 }),
  auditLogBatchThrottleBurst: integer(burstHelp, { default: 0 }),
  auditLogTruncateEnabled: boolean(truncateHelp),
  auditLogTruncateMaxBatchSize: integer(batchBytesHelp, { default: 10 * mib }),
  auditLogTruncateMaxEventSize: integer(eventBytesHelp, { default: 100 * 1024 }),

  auditWebhookConfigFile: path("A kubeconfig with the server that audit events are posted to"),
  auditWebhookInitialBackoff: duration("How long after a failed post it is tried again for the first time", {
    default: 10_000,
  }),
  auditWebhookVersion: choice("The version that events are posted in", versions, { default: "audit.k8s.io/v1" }),
  auditWebhookMode: choice(modeHelp, modes, { default: "batch" }),
  auditWebhookBatchBufferSize: integer(bufferHelp, { default: 10_000 }),
  auditWebhookBatchMaxSize: integer(sizeHelp, { default: 400 }),
  auditWebhookBatchMaxWait: duration(waitHelp, { default: 30_000 }),
  auditWebhookBatchThrottleEnable: boolean(throttleHelp, { default: true }),
  auditWebhookBatchThrottleQps: decimal(qpsHelp, { default: 10 }),
  auditWebhookBatchThrottleBurst: integer(burstHelp, { default: 15 }),
  auditWebhookTruncateEnabled: boolean(truncateHelp),
  auditWebhookTruncateMaxBatchSize: integer(batchBytesHelp, { default: 10 * mib }),
  auditWebhookTruncateMaxEventSize: integer(eventBytesHelp, { default: 100 * 1024 }),
};

export type AuditConfig = OptionValues<typeof auditOptions>;

/** How one backend is driven. */
export interface Delivery {
  readonly mode: Mode;
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxBatchWaitMs: number;
  readonly throttle: { readonly qps: number; readonly burst: number } | undefined;
  readonly truncates: boolean;
  readonly maxBatchBytes: number;
  readonly maxEventBytes: number;
}

type BackendName = "log" | "webhook";

export function deliveryOf(config: AuditConfig, name: BackendName): Delivery {
  const prefix = name === "log" ? "auditLog" : "auditWebhook";
  const throttles = config[`${prefix}BatchThrottleEnable`];
  return {
    mode: config[`${prefix}Mode`],
    bufferSize: config[`${prefix}BatchBufferSize`],
    maxBatchSize: config[`${prefix}BatchMaxSize`],
    maxBatchWaitMs: config[`${prefix}BatchMaxWait`],
    throttle: throttles
      ? { qps: config[`${prefix}BatchThrottleQps`], burst: config[`${prefix}BatchThrottleBurst`] }
      : undefined,
    truncates: config[`${prefix}TruncateEnabled`],
    maxBatchBytes: config[`${prefix}TruncateMaxBatchSize`],
    maxEventBytes: config[`${prefix}TruncateMaxEventSize`],
  };
}

/** What is wrong with the values of the flags, in upstream's words. */
export function validateAuditConfig(config: AuditConfig): string | undefined {
  const wrong: string[] = [];
  if (config.auditLogPath) {
    wrong.push(...validateDelivery("log", deliveryOf(config, "log")));
    const limits = {
      maxage: config.auditLogMaxage,
      maxbackup: config.auditLogMaxbackup,
      maxsize: config.auditLogMaxsize,
    };
    for (const [flag, value] of Object.entries(limits)) {
      if (value < 0) wrong.push(`--audit-log-${flag} ${value} can't be a negative number`);
    }
  }
  if (config.auditWebhookConfigFile) wrong.push(...validateDelivery("webhook", deliveryOf(config, "webhook")));
  return wrong.length > 0 ? wrong.join("; ") : undefined;
}

function validateDelivery(name: BackendName, delivery: Delivery): string[] {
  const { mode, bufferSize, maxBatchSize, throttle, maxBatchBytes, maxEventBytes } = delivery;
  const wrong: string[] = [];
  const positive = (what: string, value: number) => {
    if (!(value > 0)) wrong.push(`invalid audit ${what} ${value}, must be a positive number`);
  };
  if (mode === "batch") {
    positive(`batch ${name} buffer size`, bufferSize);
    positive(`batch ${name} max batch size`, maxBatchSize);
    if (throttle) {
      positive(`batch ${name} throttle QPS`, throttle.qps);
      positive(`batch ${name} throttle burst`, throttle.burst);
    }
  }
  positive(`truncate ${name} max event size`, maxEventBytes);
  if (maxBatchBytes < maxEventBytes) {
    wrong.push(
      `invalid audit truncate ${name} max batch size ${maxBatchBytes}, must be greater than max event size (${maxEventBytes})`,
    );
  }
  return wrong;
}
