import { Agent, request } from "node:https";
import { exchangeFailure, unsuccessful } from "./call-errors.ts";
import type { EndpointDeps } from "./service-endpoint.ts";
import { type WebhookAddress, type WebhookClientConfig, webhookAddress } from "./webhook-address.ts";

export interface WebhookCall {
  readonly config: WebhookClientConfig;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How this server shows a webhook who it is. */
export interface WebhookCredentials {
  readonly cert?: string;
  readonly key?: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
}

export interface WebhookClientOptions {
  readonly userAgent: string;
  /** An answer longer than this is cut off and counts as none. */
  readonly maxAnswerBytes: number;
  /** What to show a server, by its `host:port`; nothing when absent. */
  readonly credentials?: (authority: string) => WebhookCredentials | undefined;
}

/** Posts JSON to webhooks over connections that are kept for the next call. */
export interface WebhookClient {
  /** The answer's body; throws, in client-go's words, for anything but a success within the time. */
  post(call: WebhookCall): Promise<string>;
  close(): void;
}

const maxConnectionsPerWebhook = 64;
const idleMs = 90_000;

export function createWebhookClient(options: WebhookClientOptions, deps: EndpointDeps): WebhookClient {
  // The agent keeps connections apart by address, name, authorities and certificate.
  const agent = new Agent({
    keepAlive: true,
    maxSockets: maxConnectionsPerWebhook,
    maxFreeSockets: maxConnectionsPerWebhook,
    timeout: idleMs,
  });
  return {
    post: (call) => post({ agent, options, call, address: webhookAddress(call.config, deps) }),
    close: () => agent.destroy(),
  };
}

interface Post {
  readonly agent: Agent;
  readonly options: WebhookClientOptions;
  readonly call: WebhookCall;
  readonly address: WebhookAddress;
}

async function post(one: Post): Promise<string> {
  const { call, address } = one;
  const separator = address.path.includes("?") ? "&" : "?";
  const path = `${address.path}${separator}timeout=${call.timeoutMs / 1000}s`;
  const deadline = AbortSignal.timeout(call.timeoutMs);
  const signal = AbortSignal.any([call.signal, deadline]);
  for (let mayRepeat = true; ; mayRepeat = false) {
    try {
      return await exchange(one, path, signal);
    } catch (error) {
      if (error instanceof BadAnswer) throw error;
      // A kept connection that the server closed just now tells nothing about the server.
      if (mayRepeat && error instanceof StaleConnection) continue;
      const cause = error instanceof StaleConnection ? error.cause : error;
      const why = deadline.aborted ? "context deadline exceeded" : exchangeFailure(cause, address);
      // The sentence is what users read; whoever chains causes would add Node's words to Go's.
      throw new Error(`Post "https://${address.authority}${path}": ${why}`);
    }
  }
}

class BadAnswer extends Error {}
class StaleConnection extends Error {}

function exchange({ agent, options, call, address }: Post, path: string, signal: AbortSignal): Promise<string> {
  const { caBundle } = call.config;
  const { authorization, cert, key } = options.credentials?.(address.authority) ?? {};
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      method: "POST",
      host: address.host,
      port: address.port,
      path,
      ...(address.serverName && { servername: address.serverName }),
      ...(caBundle && { ca: Buffer.from(caBundle, "base64").toString() }),
      ...(cert && key && { cert, key }),
      headers: {
        host: address.authority,
        accept: "application/json, */*",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(call.body),
        "user-agent": options.userAgent,
        ...(authorization && { authorization }),
      },
      signal,
    });
    outgoing.on("error", (cause: NodeJS.ErrnoException) => {
      const isStale = outgoing.reusedSocket && cause.code === "ECONNRESET" && !signal.aborted;
      reject(isStale ? new StaleConnection(cause.message, { cause }) : cause);
    });
    outgoing.once("response", (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        length += chunk.byteLength;
        if (length <= options.maxAnswerBytes) return void chunks.push(chunk);
        reject(new Error("webhook response is too large"));
        outgoing.destroy();
      });
      answer.on("error", reject);
      answer.once("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode <= 206) resolve(text);
        else reject(new BadAnswer(unsuccessful(statusCode, text)));
      });
    });
    outgoing.end(call.body);
  });
}
