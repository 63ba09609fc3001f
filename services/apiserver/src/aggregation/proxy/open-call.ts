import type { RequestContext } from "../../http/context.ts";
import { exchangeFailure } from "../../webhook-client/call-errors.ts";
import type { HeaderValues } from "./identity-headers.ts";
import type { OpenedCall, Remote } from "./remote.ts";

/** Nobody answers for the extension server; the message is for the client. */
export class NotReached extends Error {}

export function notReached({ endpoint }: OpenedCall, cause: unknown): NotReached {
  return new NotReached(`error trying to reach service: ${exchangeFailure(cause, endpoint)}`, { cause });
}

/** Begins the client's request to the extension server, with its path and query as they came. */
export function openFor(
  remote: Remote,
  { exchange }: RequestContext,
  headers: HeaderValues,
  signal: AbortSignal,
): OpenedCall {
  const { method, request, url } = exchange;
  const path = request.url ?? url.rawPath;
  try {
    return remote.open({ method, path, headers, signal });
  } catch (cause) {
    throw new NotReached("service unavailable", { cause });
  }
}
