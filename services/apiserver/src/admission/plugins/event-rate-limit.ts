import type { Event } from "@tskube/api";
import { tooManyRequests } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { BoundedCache } from "../../auth/bounded-cache.ts";
import { integer, listOf, objectOf as shapeOf, text } from "../../configuration/shape.ts";
import { noConfiguration, pluginConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import { anyOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";

const name = "EventRateLimit";
const defaultCacheSize = 4096;

const kind = {
  apiVersions: ["eventratelimit.admission.k8s.io/v1alpha1"],
  kind: "Configuration",
  fields: { limits: listOf(shapeOf({ type: text, qps: integer, burst: integer, cacheSize: integer })) },
};

type KeyOf = (attributes: AdmissionAttributes) => string;

/** What a limit counts apart. */
const keys: Readonly<Record<string, KeyOf>> = {
  Server: () => "",
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject: ({ object }) => sourceAndObject(object as Event | undefined),
};

function sourceAndObject(event: Event | undefined): string {
  const { source, involvedObject } = event ?? {};
  const { kind: of, namespace, name: named, uid, apiVersion } = involvedObject ?? {};
  return [source?.component, source?.host, of, namespace, named, uid, apiVersion].map((part) => part ?? "").join("");
}

/** Refuses events that come faster than the configuration allows. */
export function eventRateLimit({ clock }: AdmissionDeps, options: AdmissionOptions): AdmissionPlugin {
  const { configuration = noConfiguration } = options;
  const { limits } = pluginConfiguration(configuration, name, kind) ?? { limits: [] };
  if (limits.length === 0)
    throw new Error(`couldn't init admission plugin ${JSON.stringify(name)}: limits: Required value`);
  const enforced = limits.map((limit) => {
    const keyOf = keys[limit.type];
    if (!keyOf)
      throw new Error(
        `couldn't init admission plugin ${JSON.stringify(name)}: unknown limit type ${JSON.stringify(limit.type)}`,
      );
    return { type: limit.type, keyOf, buckets: new Buckets(limit, clock) };
  });
  return {
    name,
    handles: anyOf(writesTo("events", "CREATE", "UPDATE"), writesTo("events.events.k8s.io", "CREATE", "UPDATE")),
    validate(attributes) {
      if (attributes.dryRun) return;
      // Every limit counts every event, also when another has refused it.
      const reached = enforced.flatMap(({ type, keyOf, buckets }) => {
        const key = keyOf(attributes);
        return buckets.take(key) ? [] : [`limit reached on type ${type} for key ${key}`];
      });
      if (reached.length > 0)
        throw tooManyRequests(reached.length === 1 ? (reached[0] ?? "") : `[${reached.join(", ")}]`, 1);
    },
  };
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** A bucket of tokens for each key; those not used for long are forgotten, which fills them. */
class Buckets {
  readonly #limit: { readonly qps: number; readonly burst: number };
  readonly #clock: Clock;
  readonly #buckets: BoundedCache<Bucket>;

  constructor(limit: { readonly qps: number; readonly burst: number; readonly cacheSize: number }, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
    this.#buckets = new BoundedCache(limit.cacheSize > 0 ? limit.cacheSize : defaultCacheSize);
  }

  take(key: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: this.#limit.burst, filledMs: now };
    bucket.tokens = Math.min(this.#limit.burst, bucket.tokens + ((now - bucket.filledMs) / 1000) * this.#limit.qps);
    bucket.filledMs = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
