import type { admissionregistrationV1 } from "@tskube/api";
import { followConfigurations } from "../configurations.ts";
import { isAdmissionConfiguration } from "../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { askWebhook, failedOpenNote, invocationOf, type Outcome, type WebhookDeps } from "./ask-webhook.ts";
import { compileWebhooks, type Webhook } from "./compile-webhook.ts";

const auditPrefix = "validating.webhook.admission.k8s.io/";

export interface ValidatingWebhooks extends AdmissionPlugin {
  close(): void;
}

/** Asks the webhooks of all ValidatingWebhookConfigurations at once; the first of them, in their order, that refuses is heard. */
export function validatingWebhooks(deps: WebhookDeps): ValidatingWebhooks {
  const configurations = followConfigurations<
    admissionregistrationV1.ValidatingWebhookConfiguration,
    readonly Webhook[]
  >(
    deps.objects,
    { group: "admissionregistration.k8s.io", resource: "validatingwebhookconfigurations" },
    (configuration) => compileWebhooks(configuration, deps),
  );
  return {
    name: "ValidatingAdmissionWebhook",
    handles: (attributes) => configurations.all().length > 0 && !isAdmissionConfiguration(attributes),
    close: () => configurations.close(),
    async validate(attributes, signal) {
      const outcomes = await askAll(configurations.all().flat(), attributes, deps, signal);
      signal.throwIfAborted();
      for (const outcome of outcomes) if (outcome.type === "refused") throw outcome.error;
    },
  };
}

async function askAll(
  webhooks: readonly Webhook[],
  attributes: AdmissionAttributes,
  deps: WebhookDeps,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const texts = new Map();
  const asked: Promise<Outcome>[] = [];
  for (const webhook of webhooks) {
    const invocation = await invocationOf(webhook, attributes, deps);
    if (!invocation) continue;
    const index = asked.length;
    asked.push(
      Promise.resolve(
        "type" in invocation ? invocation : askWebhook(invocation, attributes, "validating", texts, deps, signal),
      ).then((outcome) => {
        if (outcome.type === "ignored") attributes.annotate(failedOpenNote(auditPrefix, 0, index), webhook.name);
        return outcome;
      }),
    );
  }
  return Promise.all(asked);
}
