import { errorMessage, type Logger } from "@tskube/base";
import type { CheckResult, HealthChecks, HealthEndpoint } from "./checks.ts";

export interface TextAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const plain = "text/plain; charset=utf-8";

/**
 * Answers `/readyz`, `/readyz?verbose&exclude=name` and `/readyz/name` in upstream's text format. Why a check failed is logged
 * and withheld from the answer, which anybody may read. Nothing for a path that is none of these.
 */
export async function answerHealth(checks: HealthChecks, url: URL, logger: Logger): Promise<TextAnswer | undefined> {
  const match = /^\/(healthz|livez|readyz)(?:\/(.+))?$/.exec(url.pathname);
  if (!match) return undefined;
  const endpoint = match[1] as HealthEndpoint;
  if (match[2] !== undefined) return answerOne(checks, endpoint, match[2], logger);

  const excluded = new Set(url.searchParams.getAll("exclude"));
  const names = checks.names(endpoint);
  const results = await checks.run(
    endpoint,
    names.filter((name) => !excluded.has(name)),
  );
  logFailures(results, endpoint, logger);
  return render(endpoint, names, results, { excluded, isVerbose: url.searchParams.has("verbose") });
}

async function answerOne(
  checks: HealthChecks,
  endpoint: HealthEndpoint,
  name: string,
  logger: Logger,
): Promise<TextAnswer> {
  if (!checks.names(endpoint).includes(name)) return { status: 404, contentType: plain, body: "404 page not found\n" };
  const [result] = await checks.run(endpoint, [name]);
  if (result?.error === undefined) return { status: 200, contentType: plain, body: "ok" };
  logFailures([result], endpoint, logger);
  return { status: 500, contentType: plain, body: `internal server error: ${errorMessage(result.error)}\n` };
}

interface Asked {
  readonly excluded: ReadonlySet<string>;
  readonly isVerbose: boolean;
}

function render(
  endpoint: HealthEndpoint,
  names: readonly string[],
  results: readonly CheckResult[],
  asked: Asked,
): TextAnswer {
  const failed = new Set(results.filter((result) => result.error !== undefined).map((result) => result.name));
  const lines = names.map((name) => {
    if (asked.excluded.has(name)) return `[+]${name} excluded: ok\n`;
    return failed.has(name) ? `[-]${name} failed: reason withheld\n` : `[+]${name} ok\n`;
  });
  for (const name of asked.excluded) {
    if (!names.includes(name))
      lines.push(`warn: some health checks cannot be excluded: no matches for ${JSON.stringify(name)}\n`);
  }
  if (failed.size > 0) return { status: 500, contentType: plain, body: `${lines.join("")}${endpoint} check failed\n` };
  return {
    status: 200,
    contentType: plain,
    body: asked.isVerbose ? `${lines.join("")}${endpoint} check passed\n` : "ok",
  };
}

function logFailures(results: readonly CheckResult[], endpoint: HealthEndpoint, logger: Logger): void {
  for (const { name, error } of results) {
    if (error !== undefined) logger.warn({ endpoint, check: name, error: errorMessage(error) }, "health check failed");
  }
}
