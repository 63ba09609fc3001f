import { errorMessage } from "@tskube/base";
import type { Availability } from "../api-service/conditions.ts";
import { answerOf } from "../proxy/fetch-remote.ts";
import { identityHeaders } from "../proxy/identity-headers.ts";
import { aggregatorUser } from "../proxy/own-users.ts";
import type { Remote } from "../proxy/remote.ts";
import { authorityOf } from "../proxy/resolve-service.ts";

const timeoutMs = 5_000;
/** One endpoint of several may be the broken one: so many are asked once the first has failed. */
const furtherAttempts = 4;

const passed: Availability = { status: "True", reason: "Passed", message: "all checks passed" };

/** Asks the extension server for what it must have: the list of its resources. */
export async function probe(remote: Remote, signal: AbortSignal): Promise<Availability> {
  try {
    await attempt(remote, signal);
    return passed;
  } catch {
    const others = Array.from({ length: furtherAttempts }, () => attempt(remote, signal));
    try {
      await Promise.any(others);
      return passed;
    } catch (error) {
      const last = (error as AggregateError).errors.at(-1);
      return { status: "False", reason: "FailedDiscoveryCheck", message: errorMessage(last) };
    }
  }
}

async function attempt(remote: Remote, stopping: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([stopping, timeout]);
  const headers = { ...identityHeaders(aggregatorUser), accept: "application/json" };
  const call = remote.openProbe({ method: "GET", path: remote.path, headers, signal });
  const url = `https://${authorityOf(call.endpoint)}${remote.path}`;
  const status = await answerOf(call).then(
    (answer) => {
      answer.destroy();
      return answer.statusCode ?? 0;
    },
    (error: Error) => {
      const reason = timeout.aborted ? timedOut : error.message;
      throw new Error(`failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${reason}`);
    },
  );
  if (status >= 200 && status < 300) return;
  throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${status}`);
}

const timedOut = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
