import type { apiextensionsV1 } from "@tskube/api";
import type { LocalObjects } from "../../registry/objects.ts";
import { type Converter, renaming } from "../custom-resources/conversion.ts";
import type { JsonMap } from "../schema/structure.ts";
import { callWebhook } from "./call-webhook.ts";
import { readReview, reviewOf } from "./review.ts";
import { resolveTarget } from "./target.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

/** How the objects of a definition come from one of its versions to another. */
export function createConverter(definition: Definition, deps: { readonly objects: LocalObjects }): Converter {
  const { strategy, webhook } = definition.spec.conversion ?? { strategy: "None" };
  if (strategy !== "Webhook" || !webhook?.clientConfig) return renaming;
  const { clientConfig, conversionReviewVersions } = webhook;
  const reviewVersion = conversionReviewVersions.find((version) => version === "v1" || version === "v1beta1") ?? "v1";
  return async (objects, apiVersion) => {
    const { kind } = definition.spec.names;
    try {
      const review = reviewOf(objects, apiVersion, reviewVersion);
      const target = resolveTarget(clientConfig, deps.objects);
      const converted = readReview(await callWebhook(target, review), review.request.uid, objects);
      return converted as readonly JsonMap[];
    } catch (cause) {
      const from = `${objects[0]?.["apiVersion"] ?? ""}, Kind=${kind}`;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`conversion webhook for ${from} failed: ${reason}`, { cause });
    }
  };
}
