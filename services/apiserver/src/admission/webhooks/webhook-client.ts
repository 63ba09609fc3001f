import { Agent, request } from "node:https";
import { errorMessage } from "@tskube/base";
import type { WebhookAddress } from "./webhook-address.ts";

/** An answer longer than this is cut off and counts as none. */
const maxAnswerBytes = 8 * 1024 * 1024;
const maxConnectionsPerWebhook = 64;
const idleMs = 90_000;

export interface WebhookCall {
  readonly address: WebhookAddress;
  /** PEM of the authorities trusted; the system's when absent. */
  readonly ca: string | undefined;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Posts AdmissionReviews over connections that are kept for the next. */
export interface WebhookClient {
  /** The answer's body; throws for anything but a 200. */
  post(call: WebhookCall): Promise<string>;
  close(): void;
}

export function createWebhookClient(): WebhookClient {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: maxConnectionsPerWebhook,
    maxFreeSockets: maxConnectionsPerWebhook,
    timeout: idleMs,
  });
  return {
    post: (call) => post(agent, call),
    close: () => agent.destroy(),
  };
}

async function post(agent: Agent, call: WebhookCall): Promise<string> {
  const { address, timeoutMs } = call;
  const separator = address.path.includes("?") ? "&" : "?";
  const path = `${address.path}${separator}timeout=${timeoutMs / 1000}s`;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await exchange(agent, call, path, AbortSignal.any([call.signal, deadline]));
  } catch (error) {
    if (error instanceof BadAnswer) throw error;
    const why = deadline.aborted ? "context deadline exceeded" : dialError(error, address);
    throw new Error(`failed to call webhook: Post "https://${address.authority}${path}": ${why}`, { cause: error });
  }
}

class BadAnswer extends Error {}

function exchange(agent: Agent, call: WebhookCall, path: string, signal: AbortSignal): Promise<string> {
  const { address, ca, body } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      method: "POST",
      host: address.host,
      port: address.port,
      path,
      ...(address.serverName && { servername: address.serverName }),
      ...(ca !== undefined && { ca }),
      headers: {
        host: address.authority,
        accept: "application/json, */*",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "kube-apiserver-admission",
      },
      signal,
    });
    outgoing.once("error", reject);
    outgoing.once("response", (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        length += chunk.byteLength;
        if (length > maxAnswerBytes) outgoing.destroy(new Error("webhook response is too large"));
        else chunks.push(chunk);
      });
      answer.once("error", reject);
      answer.once("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new BadAnswer(`failed to call webhook: ${unsuccessful(answer.statusCode ?? 0, text)}`));
      });
    });
    outgoing.end(body);
  });
}

/** What client-go says to an answer that is no success. */
function unsuccessful(code: number, text: string): string {
  if (code === 404) return "the server could not find the requested resource";
  if (code === 401) return "the server has asked for the client to provide credentials";
  if (code === 403) return "forbidden";
  const shown = JSON.stringify(text.slice(0, 2048).trim());
  return code >= 500
    ? `an error on the server (${shown}) has prevented the request from succeeding`
    : `the server rejected our request for an unknown reason (${shown})`;
}

function dialError(error: unknown, { host, port }: WebhookAddress): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ECONNREFUSED") return `dial tcp ${host}:${port}: connect: connection refused`;
  if (code === "ENOTFOUND") return `dial tcp: lookup ${host}: no such host`;
  const isUntrusted = code?.includes("SELF_SIGNED") || code?.startsWith("UNABLE_TO_");
  if (isUntrusted) return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  return errorMessage(error);
}
