import type { apiextensionsV1 } from "@tskube/api";
import { unknownFailure } from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import { createWebhookClient, type WebhookClient } from "../../webhook-client/index.ts";
import { type Converter, renaming } from "../custom-resources/conversion.ts";
import type { JsonMap } from "../schema/structure.ts";
import { acceptConverted } from "./accept-converted.ts";
import { readReview, reviewOf } from "./review.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export interface ConverterDeps {
  readonly objects: LocalObjects;
  readonly random: () => number;
}

/** Makes converters, which share the connections to their webhooks. */
export interface Converters {
  /** How the objects of a definition come from one of its versions to another. */
  of(definition: Definition): Converter;
  close(): void;
}

const timeoutMs = 30_000;
const maxAnswerBytes = 128 * 1024 * 1024;

export function createConverters(deps: ConverterDeps): Converters {
  const client = createWebhookClient({ userAgent: "kube-apiserver-admission", maxAnswerBytes }, deps);
  const closing = new AbortController();
  return {
    of({ spec }) {
      const { strategy, webhook } = spec.conversion ?? { strategy: "None" };
      return strategy === "Webhook" && webhook?.clientConfig
        ? webhookConverter(webhook, client, closing.signal)
        : renaming;
    },
    close() {
      closing.abort();
      client.close();
    },
  };
}

function webhookConverter(
  { clientConfig = {}, conversionReviewVersions }: apiextensionsV1.WebhookConversion,
  client: WebhookClient,
  signal: AbortSignal,
): Converter {
  const version = conversionReviewVersions.find((one) => one === "v1" || one === "v1beta1");
  return async (objects, apiVersion) => {
    if (objects.length === 0) return [];
    if (!version) throw unknownFailure(500, "no supported conversion review versions");
    const fail = (what: string) => unknownFailure(500, `conversion webhook for ${kindOf(objects[0] ?? {})} ${what}`);
    const review = reviewOf(objects, apiVersion, version);
    let converted: readonly unknown[];
    try {
      const call = { config: clientConfig, body: JSON.stringify(review), timeoutMs, signal };
      converted = readReview(await client.post(call), review);
    } catch (error) {
      throw fail(`failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return acceptConverted(converted, objects, apiVersion, fail);
  };
}

/** `stable.example.com/v1, Kind=CronTab`. */
function kindOf({ apiVersion, kind }: JsonMap): string {
  return `${apiVersion}, Kind=${kind}`;
}
