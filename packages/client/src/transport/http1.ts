import { type Agent, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Clock } from "@tskube/base";
import { abortReason, decompressed, headersOfDecompressed, lateError } from "./response-body.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";

export interface Http1Target {
  readonly agent: Agent;
  readonly url: URL;
  readonly clock: Clock;
  readonly defaultTimeoutMs: number;
}

/** One exchange over HTTP/1.1 on a connection of the agent. */
export function sendHttp1(
  request: TransportRequest,
  { agent, url, clock, defaultTimeoutMs }: Http1Target,
): Promise<TransportResponse> {
  const isTls = url.protocol === "https:";
  const { method, path, signal, timeoutMs = defaultTimeoutMs } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal));
    const outgoing = (isTls ? requestHttps : requestHttp)({
      agent,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (isTls ? 443 : 80),
      method,
      path,
      headers: headersOf(request),
    });
    const cancelTimeout = clock.after(timeoutMs, () => outgoing.destroy(lateError(method, path, timeoutMs)));
    const onAbort = () => outgoing.destroy(abortReason(signal));
    const forget = () => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    outgoing.on("response", (incoming) => {
      cancelTimeout();
      incoming.on("close", forget);
      resolve(responseOf(incoming));
    });
    outgoing.on("error", (error) => {
      cancelTimeout();
      forget();
      reject(error);
    });
    outgoing.end(request.body);
  });
}

function headersOf({ headers, body }: TransportRequest): Record<string, string | number> {
  return {
    "accept-encoding": "gzip",
    ...headers,
    ...(body !== undefined && { "content-length": Buffer.byteLength(body) }),
  };
}

function responseOf(incoming: IncomingMessage): TransportResponse {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  const body = decompressed(incoming, headers["content-encoding"]);
  return { status: incoming.statusCode ?? 0, headers: headersOfDecompressed(headers), body };
}
