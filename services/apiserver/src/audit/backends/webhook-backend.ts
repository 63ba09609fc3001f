import { backoffMs, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { ClientConfig, Transport } from "@tskube/client";
import type { Backend } from "../backend.ts";
import type { AuditMetrics } from "../metrics.ts";

export interface WebhookDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AuditMetrics;
  readonly random: () => number;
  /** Aborts when the server ends: what has failed is not tried again then. */
  readonly closing: AbortSignal;
}

const requestTimeoutMs = 30_000;
const maxTries = 5;
const retry = { factor: 1.5, jitter: 0.2, maxMs: Number.POSITIVE_INFINITY };
/** An answer says nothing but by its code. */
const maxAnswerBytes = 64 * 1024;

/** Posts EventLists to the server of a kubeconfig: `--audit-webhook-config-file`. */
export function webhookBackend(
  config: Pick<ClientConfig, "server" | "authorization">,
  initialBackoffMs: number,
  deps: WebhookDeps,
): Backend {
  const { clock, closing, metrics, logger, random } = deps;
  const post = poster(config, deps.transport);
  return {
    async process(events) {
      const items = events.map(({ json }) => json).join(",");
      const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`;
      for (let tried = 1; ; tried++) {
        try {
          await post(body);
          return true;
        } catch (error) {
          // Hardly any failure says that the next try cannot do better: upstream tries again after all of them.
          if (tried < maxTries && !closing.aborted) {
            await sleep(clock, backoffMs(tried, { ...retry, baseMs: initialBackoffMs, random }), closing);
            continue;
          }
          metrics.observeLost("webhook", events.length);
          logger.error({ events: events.length, reason: errorMessage(error) }, "cannot send audit events");
          return false;
        }
      }
    },
    async close() {
      deps.transport.close();
    },
  };
}

function poster({ server, authorization }: Pick<ClientConfig, "server" | "authorization">, transport: Transport) {
  const url = new URL(server);
  url.searchParams.set("timeout", `${requestTimeoutMs / 1000}s`);
  const path = url.pathname + url.search;
  return async (body: string): Promise<void> => {
    const credentials = authorization?.();
    const response = await transport.send({
      method: "POST",
      path,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(credentials && { authorization: credentials }),
      },
      body,
      timeoutMs: requestTimeoutMs,
    });
    await discard(response.body);
    if (response.status < 200 || response.status > 299) throw new Error(`the webhook answered ${response.status}`);
  };
}

/** Reads an answer to its end, so that its connection can be used again; of a long one only a part. */
async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) return;
  }
}
