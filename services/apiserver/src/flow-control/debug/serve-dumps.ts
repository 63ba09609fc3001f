import type { Clock } from "@tskube/base";
import type { Handler } from "../../http/context.ts";
import type { FlowControl } from "../flow-control.ts";
import { dumpPriorityLevels, dumpQueues, dumpRequests } from "./dump.ts";

/** Where flow control can be looked into. */
export const dumpPaths = ["dump_priority_levels", "dump_queues", "dump_requests"].map(
  (name) => `/debug/api_priority_and_fairness/${name}`,
);

export function serveDumps(control: FlowControl, clock: Clock): Handler {
  return ({ exchange, info }) => {
    const dump = info.path.slice(info.path.lastIndexOf("/") + 1);
    const body = dumpOf(control, clock, dump, exchange.url.query);
    exchange.send(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private" }, body);
  };
}

function dumpOf(control: FlowControl, clock: Clock, dump: string, query: URLSearchParams): string {
  if (dump === "dump_priority_levels") return dumpPriorityLevels(control);
  if (dump === "dump_queues") return dumpQueues(control);
  return dumpRequests(control, clock, Boolean(query.get("includeRequestDetails")));
}
