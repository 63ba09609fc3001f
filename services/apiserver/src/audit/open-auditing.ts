import { readFileSync } from "node:fs";
import { type Clock, errorMessage, type Logger, type MetricsRegistry } from "@tskube/base";
import type { RateLimiter } from "@tskube/client";
import type { Auditing } from "./audit-filters.ts";
import { type Backend, unionBackend } from "./backend.ts";
import { BufferedBackend } from "./backends/buffered-backend.ts";
import { logBackend } from "./backends/log-backend.ts";
import { ensureLogFile, rotatingFile } from "./backends/rotating-file.ts";
import { type Sink, streamSink } from "./backends/sink.ts";
import { truncatingBackend } from "./backends/truncating-backend.ts";
import { webhookBackend } from "./backends/webhook-backend.ts";
import { type AuditMetrics, createAuditMetrics } from "./metrics.ts";
import { type AuditConfig, type Delivery, deliveryOf } from "./options.ts";
import { policyEvaluator } from "./policy/evaluate-policy.ts";
import type { Policy } from "./policy/policy.ts";
import { readPolicy } from "./policy/read-policy.ts";

export interface AuditDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random: () => number;
  /** Where `--audit-log-path=-` writes. */
  readonly stdout: NodeJS.WritableStream;
}

export interface OpenAuditing extends Auditing {
  /** Writes and sends what waits, without trying again what fails. */
  close(): Promise<void>;
}

interface BackendDeps extends Omit<AuditDeps, "metrics"> {
  readonly metrics: AuditMetrics;
  readonly closing: AbortSignal;
}

/** A megabyte as upstream's log files count it. */
const megabyte = 1024 * 1024;
const defaultMaxSize = 100;
/** Objects of events that wait, in bytes. */
const maxBufferBytes = 256 * 1024 * 1024;
/** Batches under way to a webhook at once; a log has one. */
const maxPosts = 8;

/** What the flags ask for: undefined without a policy or without a place to write to. Throws for a policy that cannot be taken as it is written. */
export async function openAuditing(config: AuditConfig, deps: AuditDeps): Promise<OpenAuditing | undefined> {
  const { auditPolicyFile, auditLogPath, auditWebhookConfigFile } = config;
  const policy = auditPolicyFile === undefined ? undefined : loadPolicy(auditPolicyFile, deps.logger);
  if (!policy) {
    if (auditLogPath || auditWebhookConfigFile) {
      deps.logger.info({}, "no audit policy file provided, no events will be recorded");
    }
    return undefined;
  }
  if (!auditLogPath && !auditWebhookConfigFile) return undefined;
  const closing = new AbortController();
  const metrics = createAuditMetrics(deps.metrics);
  const backendDeps: BackendDeps = { ...deps, metrics, closing: closing.signal };
  const backends: Backend[] = [];
  if (auditLogPath) backends.push(await openLog(config, auditLogPath, backendDeps));
  if (auditWebhookConfigFile) backends.push(await openWebhook(config, auditWebhookConfigFile, backendDeps));
  const backend = unionBackend(backends);
  return {
    evaluate: policyEvaluator(policy),
    backend,
    metrics,
    clock: deps.clock,
    async close() {
      closing.abort();
      await backend.close();
    },
  };
}

function loadPolicy(file: string, logger: Logger): Policy {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (error) {
    const reason = errorMessage(error);
    throw new Error(`loading audit policy file: failed to read file path ${JSON.stringify(file)}: ${reason}`);
  }
  try {
    return readPolicy(source, (problem) => {
      logger.warn({ file, problem }, "audit policy contains errors, which are left out");
    });
  } catch (error) {
    throw new Error(`loading audit policy file: ${errorMessage(error)}: from file ${file}`);
  }
}

async function openLog(config: AuditConfig, path: string, deps: BackendDeps): Promise<Backend> {
  // A server that could not keep its log is not started.
  if (path !== "-") await ensureLogFile(path);
  const backend = logBackend(logSink(config, path, deps), config.auditLogFormat, deps);
  return delivering(backend, deliveryOf(config, "log"), { ...deps, maxInFlight: 1 });
}

function logSink(config: AuditConfig, path: string, deps: BackendDeps): Sink {
  if (path === "-") return streamSink(deps.stdout);
  const options = {
    path,
    maxBytes: (config.auditLogMaxsize || defaultMaxSize) * megabyte,
    maxBackups: config.auditLogMaxbackup,
    maxAgeDays: config.auditLogMaxage,
    compresses: config.auditLogCompress,
  };
  return rotatingFile(options, deps);
}

async function openWebhook(config: AuditConfig, path: string, deps: BackendDeps): Promise<Backend> {
  // Servers without a webhook do not load a client.
  const { httpsTransport, loadClientConfig } = await import("@tskube/client");
  try {
    const target = loadClientConfig({ path });
    const { origin } = new URL(target.server);
    const transport = httpsTransport({ server: origin, tls: target.tls, clock: deps.clock });
    const backend = webhookBackend(target, config.auditWebhookInitialBackoff, { ...deps, transport });
    return await delivering(backend, deliveryOf(config, "webhook"), { ...deps, maxInFlight: maxPosts });
  } catch (error) {
    throw new Error(`initializing audit webhook: ${errorMessage(error)}`);
  }
}

interface DeliveryDeps extends BackendDeps {
  readonly maxInFlight: number;
}

async function delivering(backend: Backend, delivery: Delivery, deps: DeliveryDeps): Promise<Backend> {
  const driven = await inMode(backend, delivery, deps);
  return delivery.truncates ? truncatingBackend(driven, delivery, deps) : driven;
}

async function inMode(backend: Backend, delivery: Delivery, deps: DeliveryDeps): Promise<Backend> {
  const { mode, throttle } = delivery;
  if (mode === "blocking-strict") return backend;
  if (mode === "blocking") return forgiving(backend);
  const limiter = throttle && (await openLimiter(throttle, deps.clock));
  const options = { ...delivery, maxBufferBytes, maxInFlight: deps.maxInFlight };
  return new BufferedBackend(backend, options, { ...deps, limiter });
}

async function openLimiter(throttle: NonNullable<Delivery["throttle"]>, clock: Clock): Promise<RateLimiter> {
  const { tokenBucket } = await import("@tskube/client");
  return tokenBucket({ ...throttle, clock });
}

/** Requests wait for their events and go on without them. */
function forgiving(backend: Backend): Backend {
  return {
    async process(events) {
      await backend.process(events);
      return true;
    },
    close: () => backend.close(),
  };
}
