import { isDeepStrictEqual } from "node:util";
import type { admissionregistrationV1, KubeObject } from "@tskube/api";
import { applyJsonPatch, internalError } from "@tskube/apimachinery";
import { type Configurations, followConfigurations } from "../configurations.ts";
import { isAdmissionConfiguration } from "../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { replaceObject } from "../replace-object.ts";
import { askWebhook, failedOpenNote, type Invocation, invocationOf, type WebhookDeps } from "./ask-webhook.ts";
import { compileWebhooks, type Webhook } from "./compile-webhook.ts";
import type { WebhookAnswer } from "./review.ts";

const auditPrefix = "mutation.webhook.admission.k8s.io/";
const patchPrefix = "patch.webhook.admission.k8s.io/";

export interface MutatingWebhooks extends AdmissionPlugin {
  close(): void;
}

/** What a write's first round leaves for its second. */
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
      let index = -1;
      for (const webhook of configurations.all().flat()) {
        if (round.number > 0 && !mayLookAgain(webhook, attributes, round)) continue;
        const invocation = await invocationOf(webhook, attributes, deps);
        if (!invocation) continue;
        index++;
        await invoke(invocation, attributes, round, index, deps, signal, webhook);
      }
    },
  };
}

function mayLookAgain(webhook: Webhook, { object }: AdmissionAttributes, { left }: Round): boolean {
  if (!webhook.isReinvoked) return false;
  const before = left.get(webhook);
  return before !== undefined && !isDeepStrictEqual(before, object);
}

async function invoke(
  invocation: Awaited<ReturnType<typeof invocationOf>> & object,
  attributes: AdmissionAttributes,
  round: Round,
  index: number,
  deps: WebhookDeps,
  signal: AbortSignal,
  webhook: Webhook,
): Promise<void> {
  const outcome =
    "type" in invocation ? invocation : await askWebhook(invocation, attributes, "admit", new Map(), deps, signal);
  signal.throwIfAborted();
  if (outcome.type === "refused") throw outcome.error;
  if (outcome.type === "ignored") {
    attributes.annotate(failedOpenNote(auditPrefix, round.number, index), webhook.name);
    return;
  }
  const mutated = !("type" in invocation) && applyPatch(invocation, outcome.answer, attributes);
  const note = { configuration: webhook.configuration, webhook: webhook.name };
  const place = `round_${round.number}_index_${index}`;
  attributes.annotate(auditPrefix + place, JSON.stringify({ ...note, mutated }));
  if (mutated) {
    round.hasChanged = true;
    attributes.annotate(
      patchPrefix + place,
      JSON.stringify({ ...note, patch: outcome.answer.patch, patchType: "JSONPatch" }),
    );
  }
  if (webhook.isReinvoked && attributes.object) round.left.set(webhook, structuredClone(attributes.object));
}

/** Returns whether the object is another than before. */
function applyPatch({ version }: Invocation, { patch }: WebhookAnswer, attributes: AdmissionAttributes): boolean {
  const { object } = attributes;
  if (patch === undefined || (Array.isArray(patch) && patch.length === 0)) return false;
  if (!object)
    throw internalError("admission webhook attempted to modify the object, which is not supported for this operation");
  try {
    const patched = version.toStored(version.read(applyJsonPatch(version.toServed(object), patch)));
    const isOther = !isDeepStrictEqual(JSON.parse(JSON.stringify(object)), JSON.parse(JSON.stringify(patched)));
    if (isOther) replaceObject(object, patched);
    return isOther;
  } catch (error) {
    throw internalError(error);
  }
}
