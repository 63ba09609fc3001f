import { badRequest, StatusError, timeout } from "@tskube/apimachinery";
import { errorMessage, type Logger } from "@tskube/base";
import { StoreError } from "@tskube/store";
import type { Filter, RequestContext } from "../http/context.ts";
import { ClientGone } from "../http/exchange.ts";
import { sendError } from "../http/send-error.ts";
import { storeFailure } from "../resources/read-objects.ts";

/** Answers whatever a later stage throws, so that no request can end the server or stay without an answer. */
export function panicGuard(logger: Logger): Filter {
  return (next) => async (context) => {
    try {
      await next(context);
    } catch (error) {
      if (context.exchange.isGone || isGone(error)) return;
      const status = statusOf(error);
      if (status.code === 500) logError(logger, context, error);
      sendError(context.exchange, status);
    }
  };
}

/** Aborts the request with this when its time is over. */
export class RequestTimeout extends Error {
  constructor() {
    super("request did not complete within the allotted timeout");
    this.name = "RequestTimeout";
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ClientGone;
}

/** What the client is told of what went wrong. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof RequestTimeout) return timeout(error.message, 0);
  if (error instanceof URIError) return badRequest(error.message);
  return error instanceof StoreError ? storeFailure(error) : StatusError.from(error);
}

/** Whether the error is nobody's answer but a fault of ours. */
export function isUnexpected(error: unknown): boolean {
  const expected = [StatusError, RequestTimeout, URIError, StoreError, ClientGone];
  return !expected.some((kind) => error instanceof kind);
}

function logError(logger: Logger, { exchange, info }: RequestContext, error: unknown): void {
  logger.error({ method: exchange.method, path: info.path, err: error, reason: errorMessage(error) }, "request failed");
}
