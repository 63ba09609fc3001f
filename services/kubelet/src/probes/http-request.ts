import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HTTPGetAction } from "@tskube/api";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpTarget {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Probes read no more of an answer than this. */
const maxBodyBytes = 10 * 1024;

/** The request that an `httpGet` stands for. `ip` is the pod's, for actions that name no host. */
export function httpTarget(action: HTTPGetAction, port: number, ip: string, userAgent: string): HttpTarget {
  const scheme = (action.scheme ?? "HTTP").toLowerCase();
  const host = action.host || ip;
  const path = action.path ?? "/";
  const url = new URL(
    `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${path.startsWith("/") ? path : `/${path}`}`,
  );
  const headers: Record<string, string> = { "user-agent": userAgent, accept: "*/*" };
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value ?? "";
  return { url, headers };
}

/**
 * One GET without any reuse of connections, so that a probe sees what a new client would. Certificates are not verified. Redirects to
 * the same host are followed; one to another host is an answer in itself.
 */
export async function httpGet(target: HttpTarget, timeoutMs: number, redirects = 10): Promise<HttpAnswer> {
  const answer = await getOnce(target, timeoutMs);
  const location = answer.location;
  if (answer.status < 300 || answer.status >= 400 || !location) return answer;
  const next = new URL(location, target.url);
  if (next.hostname !== target.url.hostname) return answer;
  if (redirects === 0) throw new Error("stopped after 10 redirects");
  return httpGet({ ...target, url: next }, timeoutMs, redirects - 1);
}

function getOnce(
  { url, headers }: HttpTarget,
  timeoutMs: number,
): Promise<HttpAnswer & { location?: string | undefined }> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(
      url,
      { agent: false, headers: { ...headers, connection: "close" }, rejectUnauthorized: false },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const finish = () => {
          const body = Buffer.concat(chunks).subarray(0, maxBodyBytes).toString("utf8");
          resolve({ status: response.statusCode ?? 0, body, location: response.headers.location });
          request.destroy();
          clearTimeout(timer);
        };
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size >= maxBodyBytes) finish();
        });
        response.on("end", finish);
        response.on("error", fail);
      },
    );
    // A real timer: the network does not follow a fake clock.
    const timer = setTimeout(
      () => fail(new Error("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")),
      timeoutMs,
    );
    function fail(error: Error): void {
      clearTimeout(timer);
      request.destroy();
      // Without the cause, whose own words would follow in the event.
      reject(new Error(`Get ${JSON.stringify(url.href)}: ${dialMessage(error)}`));
    }
    request.on("error", fail);
    request.end();
  });
}

/** Connection failures in the words that users of Kubernetes know. */
export function dialMessage(error: Error): string {
  const { code, address, port } = error as Error & { code?: string; address?: string; port?: number };
  const where = address === undefined ? "" : ` ${address.includes(":") ? `[${address}]` : address}:${port}`;
  switch (code) {
    case "ECONNREFUSED":
      return `dial tcp${where}: connect: connection refused`;
    case "EHOSTUNREACH":
      return `dial tcp${where}: connect: no route to host`;
    case "ENETUNREACH":
      return `dial tcp${where}: connect: network is unreachable`;
    case "ETIMEDOUT":
      return `dial tcp${where}: i/o timeout`;
    case "ECONNRESET":
      return "read: connection reset by peer";
    default:
      return error.message;
  }
}
