import { randomUUID } from "node:crypto";
import { internalError, type StatusError } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import type { Authorizer } from "../../auth/authorizer.ts";
import type { WebhookClient } from "../../webhook-client/index.ts";
import { bindingsOf, writeVariables } from "../cel/bindings.ts";
import { matchConditionsBudget } from "../cel/budget.ts";
import { decided } from "../cel/decisions.ts";
import type { MatchDeps } from "../matching/match-resources.ts";
import { type ShownWrite, showWrite } from "../matching/shown-write.ts";
import type { AdmissionAttributes } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import type { ServedVersion } from "../served-version.ts";
import type { Webhook } from "./compile-webhook.ts";
import { CallFailed, denied, dryRunUnsupported } from "./errors.ts";
import { readAnswer, requestText, reviewText, type WebhookAnswer } from "./review.ts";
import type { WebhookMetrics } from "./webhook-metrics.ts";

export interface WebhookDeps extends MatchDeps {
  readonly authorizer: Authorizer;
  readonly client: WebhookClient;
  readonly clock: Clock;
  readonly metrics: WebhookMetrics;
}

/** A webhook that wants to be asked about a write, as it wants to see it. */
export interface Invocation {
  readonly webhook: Webhook;
  readonly write: ShownWrite;
  /** The request's text; the same for all webhooks that see the same. */
  readonly text: () => string;
}

export type Outcome =
  | { readonly type: "allowed"; readonly answer: WebhookAnswer }
  /** The call failed and the webhook's policy is to go on without it. */
  | { readonly type: "ignored"; readonly failure: CallFailed }
  | { readonly type: "refused"; readonly error: StatusError };

/** Shows a write to webhooks as long as nothing changes it: once per version. */
export class Showings {
  readonly #attributes: AdmissionAttributes;
  readonly #shown = new Map<string, Promise<ShownWrite>>();
  readonly #texts = new Map<ShownWrite, string>();

  constructor(attributes: AdmissionAttributes) {
    this.#attributes = attributes;
  }

  in(version: ServedVersion): Promise<ShownWrite> {
    const key = `${version.group}/${version.version}`;
    const known = this.#shown.get(key);
    if (known) return known;
    const shown = showWrite(this.#attributes, version);
    this.#shown.set(key, shown);
    return shown;
  }

  textOf(write: ShownWrite): string {
    const text = this.#texts.get(write) ?? requestText(write);
    this.#texts.set(write, text);
    return text;
  }
}

/** How `webhook` is to be asked; undefined when it is not. Throws for a condition that cannot be evaluated, unless failures are to be ignored. */
export async function invocationOf(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  showings: Showings,
  type: "admit" | "validating",
  { authorizer, metrics }: WebhookDeps,
): Promise<Invocation | undefined> {
  const version = await webhook.match(attributes);
  if (!version) return undefined;
  const write = await shown(showings, version);
  const invocation = { webhook, write, text: () => showings.textOf(write) };
  const { conditions } = webhook;
  if (!conditions) return invocation;
  const variables = writeVariables(write, authorizer, undefined);
  const outcome = await decided(() => conditions(bindingsOf(variables, matchConditionsBudget)));
  if ("error" in outcome) {
    metrics.conditionFailed(webhook.name, type, attributes.operation);
    if (webhook.ignoresFailure) return undefined;
    throw refuse(attributes, outcome.error.message);
  }
  if (!outcome.matches) metrics.excluded(webhook.name, type, attributes.operation);
  return outcome.matches ? invocation : undefined;
}

async function shown(showings: Showings, version: ServedVersion): Promise<ShownWrite> {
  try {
    return await showings.in(version);
  } catch (error) {
    throw internalError(error);
  }
}

/** Asks one webhook about a write. Never throws. */
export async function askWebhook(
  invocation: Invocation,
  type: "admit" | "validating",
  deps: WebhookDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, metrics } = deps;
  const { webhook, write } = invocation;
  const { operation, dryRun } = write.attributes;
  const call = { name: webhook.name, type, operation };
  if (dryRun && !webhook.allowsDryRun) return { type: "refused", error: dryRunUnsupported(webhook.name) };
  const startedAt = clock.monotonic();
  const outcome = await attempt(webhook, () => exchange(invocation, deps, signal));
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
    const failure = new CallFailed(webhook.name, error);
    return webhook.ignoresFailure ? { type: "ignored", failure } : { type: "refused", error: internalError(failure) };
  }
}

async function exchange({ webhook, write, text }: Invocation, deps: WebhookDeps, signal: AbortSignal) {
  const { reviewVersion, clientConfig: config, timeoutMs } = webhook;
  if (reviewVersion === undefined)
    throw new Error("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  const uid = randomUUID();
  const body = reviewText(reviewVersion, uid, text());
  const answer = readAnswer(await called(deps.client.post({ config, body, timeoutMs, signal })), reviewVersion, uid);
  for (const warning of answer.warnings) write.attributes.warn(warning);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) {
    write.attributes.annotate(`${webhook.name}/${key}`, value);
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
