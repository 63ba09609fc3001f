import { isDeepStrictEqual } from "node:util";
import type { admissionregistrationV1, KubeObject } from "@tskube/api";
import { type Configurations, followConfigurations } from "../configurations.ts";
import { isAdmissionConfiguration } from "../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { applyAnswer } from "./apply-answer.ts";
import {
  askWebhook,
  failedOpenNote,
  type Invocation,
  invocationOf,
  Showings,
  type WebhookDeps,
} from "./ask-webhook.ts";
import { compileWebhooks, type Webhook } from "./compile-webhook.ts";
import type { WebhookAnswer } from "./review.ts";

const auditPrefix = "mutation.webhook.admission.k8s.io/";
const patchPrefix = "patch.webhook.admission.k8s.io/";

export interface MutatingWebhooks extends AdmissionPlugin {
  close(): void;
}

/** One pass over all webhooks, and what it leaves for the next. */
interface Round {
  number: number;
  /** Who may have to look again, with the object as they left it. */
  readonly left: Map<Webhook, KubeObject>;
  hasChanged: boolean;
}

/**
 * Asks the webhooks of all MutatingWebhookConfigurations, one after the other. When one has changed the object, all of admission runs again, and
 * webhooks that want it are asked once more if the object is not as they left it.
 */
export function mutatingWebhooks(deps: WebhookDeps): MutatingWebhooks {
  const configurations: Configurations<readonly Webhook[]> = followConfigurations<
    admissionregistrationV1.MutatingWebhookConfiguration,
    readonly Webhook[]
  >(
    deps.objects,
    { group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations" },
    (configuration) => compileWebhooks(configuration, deps),
  );
  const rounds = new WeakMap<AdmissionAttributes, Round>();
  return {
    name: "MutatingAdmissionWebhook",
    handles: (attributes) => configurations.all().length > 0 && !isAdmissionConfiguration(attributes),
    wantsReinvocation: (attributes) => rounds.get(attributes)?.hasChanged === true,
    close: () => configurations.close(),
    async admit(attributes, signal) {
      const round = rounds.get(attributes) ?? { number: -1, left: new Map(), hasChanged: false };
      rounds.set(attributes, round);
      round.number++;
      let showings = new Showings(attributes);
      let index = -1;
      for (const webhook of configurations.all().flat()) {
        if (round.number > 0 && !mayLookAgain(webhook, attributes, round)) continue;
        const invocation = await invocationOf(webhook, attributes, showings, "admit", deps);
        if (!invocation) continue;
        const place = { round, index: ++index };
        if (await ask(invocation, place, deps, signal)) showings = new Showings(attributes);
      }
    },
  };
}

function mayLookAgain(webhook: Webhook, { object }: AdmissionAttributes, { left }: Round): boolean {
  if (!webhook.isReinvoked) return false;
  const before = left.get(webhook);
  return before !== undefined && !isDeepStrictEqual(before, object);
}

interface Place {
  readonly round: Round;
  /** Which of the webhooks that were asked in this round. */
  readonly index: number;
}

/** Asks one webhook and does what it says; resolves with whether the object is another now. */
async function ask(invocation: Invocation, place: Place, deps: WebhookDeps, signal: AbortSignal): Promise<boolean> {
  const { webhook, write } = invocation;
  const { attributes } = write;
  const { round, index } = place;
  const outcome = await askWebhook(invocation, "admit", deps, signal);
  signal.throwIfAborted();
  if (outcome.type === "refused") throw outcome.error;
  if (outcome.type === "ignored") {
    attributes.annotate(failedOpenNote(auditPrefix, round.number, index), webhook.name);
    return false;
  }
  const isMutated = await applyAnswer(write, outcome.answer);
  note(invocation, place, outcome.answer, isMutated);
  if (isMutated) round.hasChanged = true;
  if (webhook.isReinvoked && attributes.object) round.left.set(webhook, structuredClone(attributes.object));
  return isMutated;
}

function note(
  { webhook, write }: Invocation,
  { round, index }: Place,
  { patch }: WebhookAnswer,
  mutated: boolean,
): void {
  const names = { configuration: webhook.configuration, webhook: webhook.name };
  const place = `round_${round.number}_index_${index}`;
  write.attributes.annotate(auditPrefix + place, JSON.stringify({ ...names, mutated }));
  if (mutated) {
    write.attributes.annotate(patchPrefix + place, JSON.stringify({ ...names, patch, patchType: "JSONPatch" }));
  }
}
