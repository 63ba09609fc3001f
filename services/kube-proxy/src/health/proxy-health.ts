import { createServer, type Server } from "node:http";
import type { Clock } from "@tskube/base";

export interface ProxyHealthOptions {
  readonly host: string;
  readonly port: number;
  /** Without a good sync for this long after one became due, the proxy is not healthy. */
  readonly healthyMs: number;
}

export interface ProxyHealthDeps {
  readonly clock: Clock;
  /** Milliseconds since the epoch of the last good sync. */
  lastSyncMs(): number | undefined;
  /** False while the node is being deleted: load balancers shall leave it. */
  isNodeEligible(): boolean;
}

/** Serves /healthz and /livez as upstream's kube-proxy does on port 10256: load balancers of services ask there whether the node is good. */
export async function startProxyHealth(
  options: ProxyHealthOptions,
  deps: ProxyHealthDeps,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (path !== "/healthz" && path !== "/livez") {
      response.writeHead(404).end();
      return;
    }
    const nowMs = deps.clock.now();
    const lastMs = deps.lastSyncMs();
    const isAlive = lastMs !== undefined && nowMs - lastMs < options.healthyMs;
    const isEligible = deps.isNodeEligible();
    const isGood = isAlive && (path === "/livez" || isEligible);
    const body = { lastUpdated: timestamp(lastMs ?? 0), currentTime: timestamp(nowMs), nodeEligible: isEligible };
    response
      .writeHead(isGood ? 200 : 503, { "content-type": "application/json", "x-content-type-options": "nosniff" })
      .end(JSON.stringify(body));
  });
  await listen(server, options.host, options.port);
  return { close: () => closeServer(server) };
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** Rejects with one sentence when the port cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server
      .once("error", (error) => reject(new Error(`cannot listen on ${host}:${port}`, { cause: error })))
      .listen(port, host, resolve);
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
