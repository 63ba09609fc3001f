import { randomUUID } from "node:crypto";
import type { StatusError } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import type { Authorizer } from "../../auth/authorizer.ts";
import type { WebhookClient } from "../../webhook-client/index.ts";
import { bindingsOf } from "../cel/bindings.ts";
import type { MatchDeps } from "../matching/match-resources.ts";
import type { AdmissionAttributes } from "../plugin.ts";
import type { ServedVersion } from "../served-version.ts";
import type { Webhook } from "./compile-webhook.ts";
import { CallFailed, denied, dryRunUnsupported, refusedByFailure } from "./errors.ts";
import { admissionRequest, readAnswer, reviewText, type WebhookAnswer } from "./review.ts";
import type { WebhookMetrics } from "./webhook-metrics.ts";

export interface WebhookDeps extends MatchDeps {
  readonly authorizer: Authorizer;
  readonly client: WebhookClient;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
}

/** A webhook that wants to be asked about a write, and the version it wants to see. */
export interface Invocation {
  readonly webhook: Webhook;
  readonly version: ServedVersion;
}

export type Outcome =
  | { readonly type: "allowed"; readonly answer: WebhookAnswer }
  /** The call failed and the webhook's policy is to go on without it. */
  | { readonly type: "ignored"; readonly failure: CallFailed }
  | { readonly type: "refused"; readonly error: StatusError };

/** Whether `webhook` is to be asked; a condition that cannot be evaluated counts as a call that failed. */
export async function invocationOf(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  { authorizer }: WebhookDeps,
): Promise<Invocation | Outcome | undefined> {
  const version = await webhook.match(attributes);
  if (!version) return undefined;
  const outcome = webhook.conditions(() => bindingsOf(attributes, version, authorizer));
  if ("error" in outcome) return failed(webhook, outcome.error);
  return outcome.matches ? { webhook, version } : undefined;
}

/** Texts of the same write in the same version are made once. */
export type RequestTexts = Map<ServedVersion, string>;

/** Asks one webhook about a write. Never throws. */
export async function askWebhook(
  { webhook, version }: Invocation,
  attributes: AdmissionAttributes,
  type: "admit" | "validating",
  texts: RequestTexts,
  deps: WebhookDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, metrics } = deps;
  const call = { name: webhook.name, type, operation: attributes.operation };
  if (attributes.dryRun && !webhook.allowsDryRun) return { type: "refused", error: dryRunUnsupported(webhook.name) };
  const startedAt = clock.monotonic();
  const outcome = await attempt(webhook, () => exchange(webhook, version, attributes, texts, deps, signal));
  const code = outcome.type === "refused" ? outcome.error.code : 200;
  metrics.called(call, (clock.monotonic() - startedAt) / 1000, outcome.type === "refused", code);
  if (outcome.type === "ignored") metrics.failedOpen(webhook.name, type);
  if (outcome.type === "refused") {
    metrics.rejected(call, outcome.error.cause instanceof CallFailed ? "calling_webhook_error" : "no_error", code);
  }
  return outcome;
}

async function attempt(webhook: Webhook, act: () => Promise<WebhookAnswer>): Promise<Outcome> {
  try {
    const answer = await act();
    return answer.allowed
      ? { type: "allowed", answer }
      : { type: "refused", error: denied(webhook.name, answer.result) };
  } catch (error) {
    return failed(webhook, error);
  }
}

function failed(webhook: Webhook, cause: unknown): Outcome {
  const failure = new CallFailed(webhook.name, cause);
  return webhook.ignoresFailure ? { type: "ignored", failure } : { type: "refused", error: refusedByFailure(failure) };
}

async function exchange(
  webhook: Webhook,
  version: ServedVersion,
  attributes: AdmissionAttributes,
  texts: RequestTexts,
  deps: WebhookDeps,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const { reviewVersion, clientConfig: config, timeoutMs } = webhook;
  if (reviewVersion === undefined)
    throw new Error("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  const uid = randomUUID();
  const known = texts.get(version);
  const text = known ?? JSON.stringify(admissionRequest(attributes, version));
  if (known === undefined) texts.set(version, text);
  const body = reviewText(reviewVersion, uid, text);
  const answer = readAnswer(await called(deps.client.post({ config, body, timeoutMs, signal })), reviewVersion, uid);
  for (const warning of answer.warnings) attributes.warn(warning);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) {
    attributes.annotate(`${webhook.name}/${key}`, value);
  }
  return answer;
}

async function called(answer: Promise<string>): Promise<string> {
  try {
    return await answer;
  } catch (cause) {
    throw new Error(`failed to call webhook: ${errorMessage(cause)}`, { cause });
  }
}

/** How the audit log is told that a webhook's failure was passed over. */
export function failedOpenNote(prefix: string, round: number, index: number) {
  return `failed-open.${prefix}round_${round}_index_${index}`;
}
