import type { apiextensionsV1 } from "@tskube/api";
import type { WebhookClient } from "../../webhook-client/index.ts";
import { type Converter, renaming } from "../custom-resources/conversion.ts";
import type { JsonMap } from "../schema/structure.ts";
import { readReview, reviewOf } from "./review.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

const timeoutMs = 30_000;
const forever = new AbortController().signal;

export interface ConverterDeps {
  readonly webhooks: WebhookClient;
}

/** How the objects of a definition come from one of its versions to another. */
export function createConverter(definition: Definition, { webhooks }: ConverterDeps): Converter {
  const { strategy, webhook } = definition.spec.conversion ?? { strategy: "None" };
  if (strategy !== "Webhook" || !webhook?.clientConfig) return renaming;
  const { clientConfig, conversionReviewVersions } = webhook;
  const reviewVersion = conversionReviewVersions.find((version) => version === "v1" || version === "v1beta1") ?? "v1";
  return async (objects, apiVersion) => {
    const { kind } = definition.spec.names;
    try {
      const review = reviewOf(objects, apiVersion, reviewVersion);
      const call = { config: clientConfig, body: JSON.stringify(review), timeoutMs, signal: forever };
      const converted = readReview(JSON.parse(await webhooks.post(call)), review.request.uid, objects);
      return converted as readonly JsonMap[];
    } catch (cause) {
      const from = `${objects[0]?.["apiVersion"] ?? ""}, Kind=${kind}`;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`conversion webhook for ${from} failed: ${reason}`, { cause });
    }
  };
}
