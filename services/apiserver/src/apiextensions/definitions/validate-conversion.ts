import type { apiextensionsV1 } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";

const acceptedReviews = ["v1", "v1beta1"];

/** What is wrong with how a definition has its versions converted. */
export function conversionErrors(
  conversion: apiextensionsV1.CustomResourceConversion | undefined,
  at: Path,
): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  if (strategy === "None") {
    return webhook
      ? [field.forbidden(at.child("webhook"), "should not be set when strategy is not set to Webhook")]
      : [];
  }
  if (strategy !== "Webhook") return [field.notSupported(at.child("strategy"), strategy, ["None", "Webhook"])];
  const path = at.child("webhook");
  const errors: FieldError[] = [];
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  if (!clientConfig)
    errors.push(field.required(path.child("clientConfig"), "required when strategy is set to Webhook"));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined)) {
    errors.push(field.required(path.child("clientConfig"), "exactly one of url or service is required"));
  }
  if (conversionReviewVersions.length === 0) {
    errors.push(field.required(path.child("conversionReviewVersions")));
  } else if (!conversionReviewVersions.some((version) => acceptedReviews.includes(version))) {
    const detail = `must include at least one of ${acceptedReviews.join(", ")}`;
    errors.push(field.invalid(path.child("conversionReviewVersions"), conversionReviewVersions, detail));
  }
  return errors;
}
