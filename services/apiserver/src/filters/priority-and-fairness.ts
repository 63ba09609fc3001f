import { tooManyRequests } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Flow, FlowControl } from "../flow-control/flow-control.ts";
import type { Ticket } from "../flow-control/queueing/ticket.ts";
import type { Filter, Handler, RequestContext } from "../http/context.ts";
import { isLongRunning } from "./request-timeout.ts";

export interface FairnessDeps {
  readonly flowControl: FlowControl;
  readonly clock: Clock;
  /** How long a request may wait in a queue. */
  readonly waitLimitMs: number;
}

/**
 * Lets every request have its turn, as its flow schema and priority level say; those for whom there is no place are told to come back. What
 * streams is not held up, and a watch only until it has begun.
 */
export function priorityAndFairness(deps: FairnessDeps): Filter {
  const { flowControl } = deps;
  return (next) => (context) => {
    const { exchange, info, user } = context;
    if (info.verb !== "watch" && isLongRunning(context)) return next(context);
    const flow = flowControl.classify(user, info);
    exchange.setHeader("x-kubernetes-pf-flowschema-uid", flow.schema.uid);
    exchange.setHeader("x-kubernetes-pf-prioritylevel-uid", flow.level.uid);
    const ticket = flowControl.arrive(flow, user, info, exchange.url.query);
    if (ticket.state === "executing") return handle(deps, next, context, flow, ticket);
    return handleLater(deps, next, context, flow, ticket);
  };
}

async function handleLater(deps: FairnessDeps, next: Handler, context: RequestContext, flow: Flow, ticket: Ticket) {
  await waitForTurn(deps, context, flow, ticket);
  if (ticket.state === "executing") return handle(deps, next, context, flow, ticket);
  const nowMs = deps.clock.monotonic();
  if (ticket.state !== "finished" && ticket.state !== "waiting") {
    flow.stats.reject(ticket.state, (nowMs - ticket.arrivedAtMs) / 1000);
  }
  throw tooManyRequests("Too many requests, please try again later.", flow.level.retryAfter.refuse(nowMs));
}

async function waitForTurn(deps: FairnessDeps, context: RequestContext, flow: Flow, ticket: Ticket): Promise<void> {
  if (ticket.state !== "waiting") return;
  const { queueSet } = flow.level;
  const { signal } = context.exchange;
  const cancelled = () => queueSet.leave(ticket, "cancelled");
  const stopClock = deps.clock.after(deps.waitLimitMs, () => queueSet.leave(ticket, "time-out"));
  signal.addEventListener("abort", cancelled, { once: true });
  if (signal.aborted) cancelled();
  await ticket.settled();
  stopClock();
  signal.removeEventListener("abort", cancelled);
}

async function handle({ clock }: FairnessDeps, next: Handler, context: RequestContext, flow: Flow, ticket: Ticket) {
  const { stats, level } = flow;
  stats.dispatched++;
  stats.waitOfExecuted.observe((ticket.startedAtMs - ticket.arrivedAtMs) / 1000);
  const isWatch = context.info.verb === "watch";
  const finish = () => {
    if (ticket.state !== "executing") return;
    (isWatch ? stats.watchStart : stats.execution).observe((clock.monotonic() - ticket.startedAtMs) / 1000);
    level.queueSet.finish(ticket);
  };
  if (isWatch) context.onStreaming = finish;
  try {
    await next(context);
  } finally {
    finish();
  }
}
