import type { Logger, MetricsRegistry } from "@tskube/base";
import { answerHealth, type HealthChecks } from "@tskube/component";
import type { DiscoveryDocuments } from "../auth/index.ts";
import type { Handler, RequestContext } from "./context.ts";

export interface DocumentsDeps {
  readonly health: HealthChecks;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
  /** What verifiers of service account tokens read. */
  readonly tokens: DiscoveryDocuments;
  /** `/api` and `/apis`. */
  readonly discovery: Handler;
  readonly openapi: Handler;
  /** `/debug/api_priority_and_fairness/`. */
  readonly flowControl?: Handler;
}

const healthPath = /^\/(?:healthz|livez|readyz)(?:\/|$)/;

/**
 * Everything that is no resource request. Readiness is asked for first and often, so health is answered right here; express is loaded with
 * the first request for anything else, which keeps it out of the time that the server takes to start.
 */
export function documentsApp(deps: DocumentsDeps): Handler {
  let others: Promise<Handler> | undefined;
  return async (context) => {
    if (healthPath.test(context.info.path) && (await answeredHealth(deps, context))) return;
    others ??= import("./express-app.ts").then(({ expressApp }) => expressApp(deps));
    const answer = await others;
    await answer(context);
  };
}

/** False for what is no health check, or another method than GET. */
async function answeredHealth({ health, logger }: DocumentsDeps, { exchange }: RequestContext): Promise<boolean> {
  if (exchange.method !== "GET" && exchange.method !== "HEAD") return false;
  const url = new URL(exchange.request.url ?? "/", "https://localhost");
  const answer = await answerHealth(health, url, logger);
  if (!answer) return false;
  const headers = { "content-type": answer.contentType, "cache-control": "no-cache, private" };
  exchange.send(answer.status, headers, answer.body);
  return true;
}
