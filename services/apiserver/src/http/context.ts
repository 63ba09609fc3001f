import type { User } from "../auth/user.ts";
import type { RequestInfo } from "../filters/request-info.ts";
import type { Exchange } from "./exchange.ts";

/** One request on its way through the filters to its handler. */
export interface RequestContext {
  readonly exchange: Exchange;
  readonly info: RequestInfo;
  /** Names the request in logs and to its client. */
  readonly auditId: string;
  /** Who asks: anonymous until authentication has been passed. */
  user: User;
  /** Told when a watch has sent what it begins with, or waits for its client to read that. */
  onStreaming?: () => void;
}

/** Answers a request, or throws: a StatusError is answered as it is, anything else as an internal error. */
export type Handler = (context: RequestContext) => Promise<void> | void;

/** A stage that every request passes. */
export type Filter = (next: Handler) => Handler;

/** The handler behind all `filters`, the first of which sees requests first. */
export function chain(filters: readonly Filter[], handler: Handler): Handler {
  return filters.reduceRight((next, filter) => filter(next), handler);
}
