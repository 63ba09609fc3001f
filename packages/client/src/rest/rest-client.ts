import { type Clock, type Logger, sleep } from "@tskube/base";
import { readAnswer, type Transport, type TransportRequest, type TransportResponse } from "../transport/transport.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { type Query, queryString } from "./resource.ts";
import { isConnectionReset, statusErrorOf } from "./status.ts";

export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Without query. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON; text and bytes are sent as they are. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Requests to an API server: credentials, throttling, retries and errors are done here; any status of 400 and above is a thrown `StatusError`. */
export interface RestClient {
  /** The decoded JSON answer. */
  json<T>(request: RestRequest): Promise<T>;
  /** The whole answer as text: logs, metrics, health. */
  text(request: RestRequest): Promise<string>;
  /** An answer that is read as it comes: watches, followed logs. */
  open(request: RestRequest): Promise<TransportResponse>;
}

export interface RestClientDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limiter: RateLimiter;
  readonly userAgent: string;
  /** The value of `Authorization`, asked for anew with each request since tokens rotate. */
  readonly authorization?: () => Promise<string | undefined> | string | undefined;
  readonly maxResponseBytes?: number;
}

/** What client-go does: up to ten tries again when the server names a time to wait. */
const maxRetries = 10;
const defaultMaxResponseBytes = 512 << 20;
const maxErrorBytes = 1 << 20;

export function createRestClient(deps: RestClientDeps): RestClient {
  const limitBytes = deps.maxResponseBytes ?? defaultMaxResponseBytes;
  return {
    open,
    async json<T>(request: RestRequest) {
      const response = await open(request);
      const bytes = await readAnswer(response, limitBytes);
      return JSON.parse(bytes.toString("utf8")) as T;
    },
    async text(request) {
      const response = await open({ accept: "*/*", ...request });
      return (await readAnswer(response, limitBytes)).toString("utf8");
    },
  };

  async function open(request: RestRequest): Promise<TransportResponse> {
    const path = request.path + queryString(request.query ?? {});
    const body = encodeBody(request.body);
    for (let attempt = 0; ; attempt++) {
      await deps.limiter.take(request.signal);
      request.signal?.throwIfAborted();
      const response = await sendOnce(request, path, body, attempt);
      if (!response) continue;
      if (response.status < 400) return response;
      const waitMs = retryAfterMs(response);
      const text = (await readAnswer(response, maxErrorBytes)).toString("utf8");
      if (waitMs === undefined || attempt >= maxRetries) throw statusErrorOf(response.status, text, request);
      deps.logger.debug({ path, status: response.status, waitMs, attempt }, "server asked to try again later");
      await sleep(deps.clock, waitMs, request.signal);
    }
  }

  /** Nothing when the connection broke under a read, which is safe to send again. */
  async function sendOnce(request: RestRequest, path: string, body: Uint8Array | string | undefined, attempt: number) {
    try {
      return await deps.transport.send(await toTransport(request, path, body));
    } catch (error) {
      if (request.signal?.aborted || request.method !== "GET" || attempt > 0 || !isConnectionReset(error)) throw error;
      return undefined;
    }
  }

  async function toTransport(
    request: RestRequest,
    path: string,
    body: Uint8Array | string | undefined,
  ): Promise<TransportRequest> {
    const authorization = await deps.authorization?.();
    return {
      method: request.method,
      path,
      headers: {
        accept: request.accept ?? "application/json",
        "user-agent": deps.userAgent,
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { "content-type": request.contentType ?? "application/json" }),
      },
      ...(body !== undefined && { body }),
      ...(request.signal && { signal: request.signal }),
      ...(request.timeoutMs !== undefined && { timeoutMs: request.timeoutMs }),
    };
  }
}

function encodeBody(body: unknown): Uint8Array | string | undefined {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

/** How long the server asks to wait; only 429 and 5xx may ask. */
function retryAfterMs(response: TransportResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = Number.parseInt(response.headers["retry-after"] ?? "", 10);
  return Number.isNaN(seconds) || seconds < 0 ? undefined : seconds * 1000;
}
