import type { apiextensionsV1 } from "@tskube/api";
import { deepEqual, dns1035LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { webhookServiceErrors, webhookUrlErrors } from "./webhook-config-errors.ts";

type Conversion = apiextensionsV1.CustomResourceConversion;

const acceptedReviews = ["v1", "v1beta1"];
const onlyForWebhooks = "should not be set when strategy is not set to Webhook";

/** What is wrong with how a definition has its versions converted; paths are those of upstream's internal form. */
export function conversionErrors(conversion: Conversion | undefined, at: Path, old?: Conversion): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const [clientPath, versionsPath] = [at.child("webhookClientConfig"), at.child("conversionReviewVersions")];
  if (strategy === "Webhook") {
    const isKnown = deepEqual(conversion, old);
    return [
      ...clientErrors(webhook?.clientConfig, clientPath),
      ...(isKnown ? [] : reviewVersionErrors(webhook?.conversionReviewVersions ?? [], versionsPath)),
    ];
  }
  const errors = strategyErrors(strategy, at.child("strategy"));
  if (webhook?.clientConfig) errors.push(field.forbidden(clientPath, onlyForWebhooks));
  if (webhook?.conversionReviewVersions.length) errors.push(field.forbidden(versionsPath, onlyForWebhooks));
  return errors;
}

function strategyErrors(strategy: string, at: Path): FieldError[] {
  if (!strategy) return [field.required(at)];
  return strategy === "None" ? [] : [field.notSupported(at, strategy, ["None", "Webhook"])];
}

function clientErrors(config: apiextensionsV1.WebhookClientConfig | undefined, at: Path): FieldError[] {
  if (!config) return [field.required(at, "required when strategy is set to Webhook")];
  const { url, service } = config;
  if (url !== undefined && service === undefined) return webhookUrlErrors(url, at.child("url"));
  if (service && url === undefined) return webhookServiceErrors(service, at.child("service"));
  return [field.required(at, "exactly one of url or service is required")];
}

function reviewVersionErrors(versions: readonly string[], at: Path): FieldError[] {
  if (versions.length === 0) return [field.required(at)];
  const errors = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [field.invalid(at.index(index), version, "duplicate version")];
    return dns1035LabelErrors(version).map((text) => field.invalid(at.index(index), version, text));
  });
  if (!versions.some((version) => acceptedReviews.includes(version))) {
    errors.push(field.invalid(at, versions, `must include at least one of ${acceptedReviews.join(", ")}`));
  }
  return errors;
}
