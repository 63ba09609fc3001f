import { type StatusError, suggestedDelaySeconds } from "@tskube/apimachinery";
import type { Exchange, ReplyHeaders } from "./exchange.ts";

/** Answers with the error's Status; an answer that has begun is cut instead, so that it cannot be taken for whole. */
export function sendError(exchange: Exchange, error: StatusError): void {
  if (exchange.started) {
    exchange.destroy();
    return;
  }
  const headers: ReplyHeaders = {
    "cache-control": "no-cache, private",
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
  };
  const delay = suggestedDelaySeconds(error);
  if (delay !== undefined) headers["retry-after"] = delay;
  exchange.send(error.code, headers, `${JSON.stringify(error.status)}\n`);
}
