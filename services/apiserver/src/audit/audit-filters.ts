import { isUnauthorized } from "@tskube/apimachinery";
import { type Clock, errorMessage } from "@tskube/base";
import { isUnexpected, statusOf } from "../filters/panic-guard.ts";
import { isLongRunning } from "../filters/request-timeout.ts";
import type { Filter, RequestContext } from "../http/context.ts";
import { ClientGone } from "../http/exchange.ts";
import { type Backend, RecordedEvent } from "./backend.ts";
import { encodeEvent } from "./encode-event.ts";
import type { AuditMetrics } from "./metrics.ts";
import type { EvaluatePolicy } from "./policy/evaluate-policy.ts";
import type { Stage } from "./policy/policy.ts";
import { RequestAudit } from "./request-audit.ts";

export interface Auditing {
  readonly evaluate: EvaluatePolicy;
  readonly backend: Backend;
  readonly metrics: AuditMetrics;
  readonly clock: Clock;
}

/** Stands before authentication: keeps what that annotates, and records requests that it refuses. */
export function auditAuthentication(auditing: Auditing): Filter {
  return (next) => async (context) => {
    const audit = new RequestAudit(context, auditing.clock.now());
    context.exchange.audit = audit;
    try {
      await next(context);
    } catch (error) {
      if (!audit.hasBegun && isUnauthorized(error)) {
        begin(auditing, audit, context, false);
        audit.answeredStatus(statusOf(error).status);
        await record(auditing, audit, "ResponseStarted");
      }
      throw error;
    }
  };
}

/** Stands behind authentication: records requests at the stages that the policy wants. */
export function auditRequests(auditing: Auditing): Filter {
  return (next) => async (context) => {
    const { audit } = context.exchange;
    if (!(audit instanceof RequestAudit)) return next(context);
    begin(auditing, audit, context, true);
    if (audit.level === "None") {
      context.exchange.audit = undefined;
      return next(context);
    }
    if (!(await record(auditing, audit, "RequestReceived"))) return refuse(auditing, context);
    if (isLongRunning(context)) {
      context.exchange.onStarted = (code) => {
        audit.started(code);
        void record(auditing, audit, "ResponseStarted");
      };
    }
    try {
      await next(context);
    } catch (error) {
      noteError(audit, context, error);
      await record(auditing, audit, isUnexpected(error) ? "Panic" : "ResponseComplete");
      throw error;
    }
    await complete(auditing, audit, context);
  };
}

function begin({ evaluate, metrics }: Auditing, audit: RequestAudit, { info, user }: RequestContext, isKnown: boolean) {
  const who = isKnown ? user : undefined;
  const config = evaluate(info, who);
  metrics.observeLevel(config.level);
  audit.begin(config, who);
}

async function complete(auditing: Auditing, audit: RequestAudit, context: RequestContext): Promise<void> {
  const { status } = context.exchange;
  if (status !== 0) audit.started(status);
  else await noteEarlyEnd(auditing, audit, context);
  await record(auditing, audit, "ResponseComplete");
}

const closedEarly = { status: "Success", message: "Connection closed early", code: 200 } as const;

/** Nobody waited for the answer: it is recorded as upstream does. */
async function noteEarlyEnd(auditing: Auditing, audit: RequestAudit, context: RequestContext): Promise<void> {
  audit.endedWith(closedEarly);
  if (isLongRunning(context)) await record(auditing, audit, "ResponseStarted");
}

/** The error is answered by an outer filter; what the answer will be is known already. */
function noteError(audit: RequestAudit, { exchange }: RequestContext, error: unknown): void {
  if (isUnexpected(error)) {
    const message = `APIServer panic'd: ${errorMessage(error)}`;
    audit.endedWith({ status: "Failure", message, reason: "InternalError", code: 500 });
  } else if (exchange.started) {
    audit.started(exchange.status);
  } else if (error instanceof ClientGone || exchange.isGone) {
    audit.endedWith(closedEarly);
  } else {
    audit.answeredStatus(statusOf(error).status);
  }
}

/** Whether the event is safe or was not to be recorded. */
async function record({ backend, metrics, clock }: Auditing, audit: RequestAudit, stage: Stage): Promise<boolean> {
  if (!audit.wants(stage)) return true;
  metrics.observeEvent();
  return backend.process([new RecordedEvent(audit.event(stage, clock.now()), encodeEvent)]);
}

/** What cannot be recorded is not done (`blocking-strict`). */
function refuse({ metrics }: Auditing, { exchange }: RequestContext): void {
  metrics.observeRejectedRequest();
  const uri = JSON.stringify(exchange.request.url ?? "");
  exchange.send(
    500,
    { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    `Internal Server Error: ${uri}: failed to store audit event\n`,
  );
}
