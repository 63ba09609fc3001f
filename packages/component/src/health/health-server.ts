import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { forbidden, unauthorized } from "@tskube/apimachinery";
import { errorMessage, type Logger, type MetricsRegistry, systemErrorCode } from "@tskube/base";
import type { TlsSource } from "../tls/tls-files.ts";
import { HealthChecks } from "./checks.ts";
import { answerHealth, type TextAnswer } from "./health-endpoint.ts";

/** Whether a request may see what is behind a path; `status` is 401 or 403 when not. */
export type Authorize = (
  request: IncomingMessage,
) => Promise<
  { readonly allowed: true } | { readonly allowed: false; readonly status: 401 | 403; readonly reason: string }
>;

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absent: plain HTTP, which is refused on addresses that others can reach. */
  readonly tls?: TlsSource | undefined;
  readonly checks?: HealthChecks;
  readonly metrics?: MetricsRegistry;
  /** The configuration in force, served under `/configz`. */
  readonly configz?: () => unknown;
  /** Guards all but the health paths. Absent: a verified client certificate over TLS, nobody's leave on loopback. */
  readonly authorize?: Authorize;
  /** Further paths: answer and return true, or return false. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly logger: Logger;
}

export interface HealthServer {
  readonly port: number;
  readonly checks: HealthChecks;
  close(): Promise<void>;
}

const publicPath = /^\/(healthz|livez|readyz)(\/|$)/;
const requestTimeoutMs = 30_000;

/** Serves health, metrics and configuration of a program. Rejects with one sentence when the port cannot be had. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const checks = options.checks ?? new HealthChecks();
  if (!options.tls && !isLoopback(options.host)) {
    throw new Error(`plain HTTP is served on loopback only, not on ${options.host}: give a certificate and key`);
  }
  const server = createServer(options, (request, response) => {
    answer({ ...options, checks }, request, response).catch((error) => {
      options.logger.error({ path: request.url, error: errorMessage(error) }, "cannot answer");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.requestTimeout = requestTimeoutMs;
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    checks,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createServer(
  options: HealthServerOptions,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const { tls } = options;
  if (!tls) return createHttpServer(onRequest);
  const server: HttpsServer = createHttpsServer(
    // Health must answer without a certificate, so a missing one is judged per path.
    { ...tls.current, requestCert: tls.current.ca !== undefined, rejectUnauthorized: false, minVersion: "TLSv1.2" },
    onRequest,
  );
  tls.onChange((contents) => server.setSecureContext(contents));
  return server;
}

type Answering = HealthServerOptions & { readonly checks: HealthChecks };

async function answer(options: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (!publicPath.test(url.pathname)) {
    const verdict = await (options.authorize ?? authorizeByCertificate)(request);
    if (!verdict.allowed) return send(response, refusal(verdict));
    if (options.handle?.(request, response)) return;
  }
  send(
    response,
    (await answerText(options, url)) ?? {
      status: 404,
      contentType: "text/plain; charset=utf-8",
      body: "404 page not found\n",
    },
  );
}

async function answerText({ checks, metrics, configz, logger }: Answering, url: URL): Promise<TextAnswer | undefined> {
  if (url.pathname === "/metrics" && metrics) {
    return { status: 200, contentType: metrics.contentType, body: await metrics.metrics() };
  }
  if (url.pathname === "/configz" && configz) {
    return { status: 200, contentType: "application/json", body: JSON.stringify(configz()) };
  }
  return answerHealth(checks, url, logger);
}

function refusal({ status, reason }: { readonly status: 401 | 403; readonly reason: string }): TextAnswer {
  const failure = status === 401 ? unauthorized(reason) : forbidden({ group: "", resource: "" }, "", reason);
  return { status, contentType: "application/json", body: JSON.stringify(failure.status) };
}

const authorizeByCertificate: Authorize = async ({ socket }) => {
  const isTls = "authorized" in socket;
  if (!isTls || (socket as TLSSocket).authorized) return { allowed: true };
  return { allowed: false, status: 401, reason: "a client certificate is needed" };
};

function send(response: ServerResponse, { status, contentType, body }: TextAnswer): void {
  response.writeHead(status, {
    "content-type": contentType,
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache, private",
  });
  response.end(body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const reason = systemErrorCode(error) === "EADDRINUSE" ? "another program uses this port" : errorMessage(error);
      reject(new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** Splits `127.0.0.1:10248` or `[::1]:10248`; throws for anything else. */
export function parseHostPort(written: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(written);
  const port = Number(match?.[3]);
  if (!match || port > 65535)
    throw new Error(`${JSON.stringify(written)} is not an address with a port, as in 127.0.0.1:10248`);
  return { host: match[1] ?? (match[2] || "0.0.0.0"), port };
}
