import { tooManyRequests } from "@tskube/apimachinery";
import type { Gauge } from "@tskube/base";
import type { Filter } from "../http/context.ts";
import { isLongRunning } from "./request-timeout.ts";

export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}

const readVerbs = new Set(["get", "list", "watch"]);

/** Bounds how many requests are under way at once, reads and writes apart. What streams is not counted, nor are the masters' requests. */
export function maxInFlight(limits: InFlightLimits, gauge: Gauge<"request_kind">): Filter {
  const counts = { readOnly: 0, mutating: 0 };
  return (next) => async (context) => {
    if (isLongRunning(context) || !context.info.isResource || context.user.groups.includes("system:masters")) {
      return next(context);
    }
    const kind = readVerbs.has(context.info.verb) ? "readOnly" : "mutating";
    if (counts[kind] >= limits[kind]) {
      throw tooManyRequests("Too many requests, please try again later.", 1);
    }
    gauge.set({ request_kind: kind }, ++counts[kind]);
    try {
      await next(context);
    } finally {
      gauge.set({ request_kind: kind }, --counts[kind]);
    }
  };
}
