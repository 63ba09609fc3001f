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

/** `timeout=30s`, bounded by the server's own. */
function wantedTimeout(text: string | null, limitMs: number): number {
  const match = /^(\d+)(ms|s|m)?$/.exec(text ?? "");
  if (!match) return limitMs;
  const unit = match[2] === "ms" ? 1 : match[2] === "m" ? 60_000 : 1_000;
  const wanted = Number(match[1]) * unit;
  return wanted > 0 ? Math.min(wanted, limitMs) : limitMs;
}
