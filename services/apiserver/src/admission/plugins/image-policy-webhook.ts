import type { Pod } from "@tskube/api";
import { isJsonObject, type JsonObject } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import { BoundedCache } from "../../auth/bounded-cache.ts";
import type { ReviewClient, ReviewClientOptions } from "../../auth/webhook/review-client.ts";
import { boolean, integer, objectOf as shapeOf, text } from "../../configuration/shape.ts";
import { noConfiguration, pluginConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import { allContainers, anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const name = "ImagePolicyWebhook";
const timeoutMs = 30_000;
const rememberedAnswers = 1024;
const auditPrefix = "imagepolicywebhook.image-policy.k8s.io/";

const kind = {
  fields: {
    imagePolicy: shapeOf({
      kubeConfigFile: text,
      allowTTL: integer,
      denyTTL: integer,
      retryBackoff: integer,
      defaultAllow: boolean,
    }),
  },
};

interface Remembered {
  readonly status: JsonObject;
  readonly untilMs: number;
}

/** Asks a server whether pods may run their images. */
export function imagePolicyWebhook(deps: AdmissionDeps, options: AdmissionOptions): AdmissionPlugin {
  const { imagePolicy } = pluginConfiguration(options.configuration ?? noConfiguration, name, kind) ?? {};
  if (!imagePolicy?.kubeConfigFile) {
    throw new Error(`couldn't init admission plugin ${JSON.stringify(name)}: no kubeConfigFile`);
  }
  const client = lazyClient({ kubeconfig: imagePolicy.kubeConfigFile, timeoutMs }, deps.clock);
  return imagePolicyPlugin({ ...imagePolicy, client, clock: deps.clock });
}

/** What speaks to others is loaded when there is something to say. */
function lazyClient(options: ReviewClientOptions, clock: Clock): Pick<ReviewClient, "ask"> {
  let opened: Promise<ReviewClient> | undefined;
  const open = async () => (await import("../../auth/webhook/review-client.ts")).createReviewClient(options, clock);
  return {
    async ask(review) {
      opened ??= open();
      return (await opened).ask(review);
    },
  };
}

export interface ImagePolicyDeps {
  readonly client: Pick<ReviewClient, "ask">;
  readonly clock: Clock;
  /** Seconds that an answer counts. */
  readonly allowTTL: number;
  readonly denyTTL: number;
  /** What a server that does not answer means. */
  readonly defaultAllow: boolean;
}

export function imagePolicyPlugin({
  client,
  clock,
  allowTTL,
  denyTTL,
  defaultAllow,
}: ImagePolicyDeps): AdmissionPlugin {
  const remembered = new BoundedCache<Remembered>(rememberedAnswers);
  const ask = async (review: object): Promise<JsonObject> => {
    const key = JSON.stringify(review);
    const known = remembered.get(key);
    if (known && known.untilMs > clock.monotonic()) return known.status;
    const { status } = await client.ask(review);
    const answer = isJsonObject(status) ? status : {};
    const ttlMs = (answer.allowed === true ? allowTTL : denyTTL) * 1000;
    if (ttlMs > 0) remembered.set(key, { status: answer, untilMs: clock.monotonic() + ttlMs });
    return answer;
  };
  return {
    name,
    handles: anyOf(writesTo("pods", "CREATE", "UPDATE"), writesTo("pods/ephemeralcontainers", "UPDATE")),
    async validate(attributes) {
      const answer = await ask(reviewOf(attributes)).catch((error: unknown) => error as Error);
      if (answer instanceof Error) return failed(attributes, answer, defaultAllow);
      noteAnnotations(attributes, answer);
      if (answer.allowed === true) return;
      const reason = typeof answer.reason === "string" ? answer.reason : "";
      const why = reason
        ? `image policy webhook backend denied one or more images: ${reason}`
        : "one or more images rejected by webhook backend";
      throw refuse(attributes, why);
    },
  };
}

function reviewOf(attributes: AdmissionAttributes): object {
  const { spec, metadata } = objectOf<Pod>(attributes);
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) =>
    key.includes(".image-policy.k8s.io/"),
  );
  return {
    apiVersion: "imagepolicy.k8s.io/v1alpha1",
    kind: "ImageReview",
    metadata: {},
    spec: {
      containers: allContainers(spec).map(({ image }) => ({ image })),
      ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }),
      namespace: attributes.namespace,
    },
  };
}

function noteAnnotations(attributes: AdmissionAttributes, { auditAnnotations }: JsonObject): void {
  if (!isJsonObject(auditAnnotations)) return;
  for (const [key, value] of Object.entries(auditAnnotations)) attributes.annotate(auditPrefix + key, String(value));
}

function failed(attributes: AdmissionAttributes, error: Error, isAllowed: boolean): void {
  if (!isAllowed) throw refuse(attributes, errorMessage(error));
  attributes.annotate("alpha.image-policy.k8s.io/failed-open", "true");
}
