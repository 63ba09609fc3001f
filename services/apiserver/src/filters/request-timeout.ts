import { badRequest, parseDuration } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Filter, RequestContext } from "../http/context.ts";
import { RequestTimeout } from "./panic-guard.ts";
import { isTrue } from "./request-info.ts";

const longSubresources = new Set(["attach", "exec", "proxy", "portforward"]);

/** Whether a request may take as long as it likes: it streams. */
export function isLongRunning({ info, exchange }: RequestContext): boolean {
  if (!info.isResource) return false;
  if (info.verb === "watch" || longSubresources.has(info.subresource)) return true;
  return info.subresource === "log" && isTrue(exchange.url.query.get("follow"));
}

/** Gives up requests that take longer than `timeoutMs`, or the shorter time that they ask for. */
export function requestTimeout(clock: Clock, timeoutMs: number): Filter {
  return (next) => (context) => {
    if (isLongRunning(context)) return next(context);
    const { exchange } = context;
    const limit = wantedTimeout(exchange.url.query.get("timeout"), timeoutMs);
    return new Promise<void>((resolve, reject) => {
      const cancel = clock.after(limit, () => {
        // The connections of extension servers' own protocols live as long as both ends want.
        if (exchange.isReleased) return;
        // What is left of a body that does not end is not waited for.
        if (!exchange.isHttp2 && !exchange.isRequestComplete) exchange.closeConnection();
        const error = new RequestTimeout();
        exchange.abort(error);
        reject(error);
      });
      const settle = (act: () => void) => {
        cancel();
        act();
      };
      Promise.resolve(next(context)).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  };
}

/** What `timeout=30s` asks for, bounded by the server's own; 0 and less ask for nothing. */
export function wantedTimeout(text: string | null, limitMs: number): number {
  if (!text) return limitMs;
  const wantedMs = parseDuration(text);
  if (wantedMs === undefined) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`);
  }
  return wantedMs > 0 ? Math.min(wantedMs, limitMs) : limitMs;
}
