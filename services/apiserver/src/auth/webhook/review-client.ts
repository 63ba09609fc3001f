import { isJsonObject, type JsonObject } from "@tskube/apimachinery";
import { backoffMs, type Clock, sleep } from "@tskube/base";
import {
  type ClientConfig,
  httpsTransport,
  inClusterConfig,
  loadClientConfig,
  readBody,
  type Transport,
  type TransportResponse,
} from "@tskube/client";

export interface ReviewClientOptions {
  /** Names the server, its authority and the credentials for it; absent for this cluster's own, from within a pod. */
  readonly kubeconfig: string | undefined;
  readonly timeoutMs: number;
}

/** Asks another server by posting an object and reading the one it answers with. */
export interface ReviewClient {
  /** Throws when the server does not answer, or with something else, also after the tries that are worth it. */
  ask(review: object): Promise<JsonObject>;
  close(): void;
}

const maxAnswerBytes = 1024 * 1024;
/** As upstream: five tries in all, about seven seconds for the waits between them. */
const maxTries = 5;
const backoff = { baseMs: 500, factor: 1.5, jitter: 0.2, maxMs: 5_000 };

/** Why a server gave no answer that counts. */
class ReviewFailure extends Error {
  readonly isTransient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    isTransient: boolean,
    more: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.isTransient = isTransient;
    this.retryAfterMs = more.retryAfterMs;
  }
}

export function createReviewClient(options: ReviewClientOptions, clock: Clock): ReviewClient {
  const config = options.kubeconfig === undefined ? ownCluster() : loadClientConfig({ path: options.kubeconfig });
  const transport = httpsTransport({ server: config.server, tls: config.tls, clock });
  const path = new URL(config.server).pathname === "/" ? "/" : "";
  const post = async (body: string, signal: AbortSignal) => {
    const authorization = config.authorization?.();
    return send(transport, path, body, authorization, signal);
  };
  return {
    async ask(review) {
      const body = JSON.stringify(review);
      const stop = new AbortController();
      const cancel = clock.after(options.timeoutMs, () => stop.abort(new Error("context deadline exceeded")));
      try {
        return await withRetries(() => post(body, stop.signal), clock, stop.signal);
      } finally {
        cancel();
      }
    },
    close: () => transport.close(),
  };
}

/** This cluster, for a server that runs in one of its own pods. */
function ownCluster(): ClientConfig {
  const config = inClusterConfig(process.env, () => performance.now());
  if (config) return config;
  throw new Error(
    "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined",
  );
}

async function withRetries<T>(attempt: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const isWorthIt = error instanceof ReviewFailure && error.isTransient && tries < maxTries;
      if (!isWorthIt) throw error;
      await sleep(clock, Math.max(backoffMs(tries, backoff), error.retryAfterMs ?? 0), signal);
      if (signal.aborted) throw error;
    }
  }
}

async function send(
  transport: Transport,
  path: string,
  body: string,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<JsonObject> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, */*",
    ...(authorization !== undefined && { authorization }),
  };
  const answer = await transport.send({ method: "POST", path, headers, body, signal }).catch((cause: unknown) => {
    throw new ReviewFailure(cause instanceof Error ? cause.message : String(cause), isConnectionLost(cause), { cause });
  });
  const text = (await readBody(answer.body, maxAnswerBytes)).toString("utf8");
  if (answer.status < 200 || answer.status > 299) throw refusal(answer);
  return parse(text);
}

function refusal({ status, headers }: TransportResponse): ReviewFailure {
  const seconds = Number(headers["retry-after"]);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  const isTransient = status >= 500 || status === 429;
  return new ReviewFailure(`the server answered with status ${status}`, isTransient, { retryAfterMs });
}

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ReviewFailure("the answer is no JSON", false, { cause });
  }
  if (!isJsonObject(value)) throw new ReviewFailure("the answer is no object", false);
  return value;
}

/** A server that is starting again; one that refuses connections is not there. */
function isConnectionLost(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return code === "ECONNRESET" || code === "EPIPE" || code === "ERR_HTTP2_STREAM_ERROR";
}
