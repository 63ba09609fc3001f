import type { admissionregistrationV1 } from "@tskube/api";
import { followConfigurations } from "../configurations.ts";
import { isAdmissionConfiguration } from "../matching/rules.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import {
  askWebhook,
  failedOpenNote,
  type Invocation,
  invocationOf,
  Showings,
  type WebhookDeps,
} from "./ask-webhook.ts";
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
      const invocations = await invocationsOf(configurations.all().flat(), attributes, deps);
      const outcomes = await Promise.all(
        invocations.map(async (invocation, index) => {
          const outcome = await askWebhook(invocation, "validating", deps, signal);
          if (outcome.type === "ignored") {
            attributes.annotate(failedOpenNote(auditPrefix, 0, index), invocation.webhook.name);
          }
          return outcome;
        }),
      );
      signal.throwIfAborted();
      for (const outcome of outcomes) if (outcome.type === "refused") throw outcome.error;
    },
  };
}

/** All conditions are looked at before any webhook is asked. */
async function invocationsOf(
  webhooks: readonly Webhook[],
  attributes: AdmissionAttributes,
  deps: WebhookDeps,
): Promise<readonly Invocation[]> {
  const showings = new Showings(attributes);
  const wanted: Invocation[] = [];
  for (const webhook of webhooks) {
    const invocation = await invocationOf(webhook, attributes, showings, "validating", deps);
    if (invocation) wanted.push(invocation);
  }
  return wanted;
}
