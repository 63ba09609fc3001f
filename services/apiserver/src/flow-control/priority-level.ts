import type { PriorityLevelConfiguration } from "@tskube/api";
import type { Clock } from "@tskube/base";
import { maxSeatsOfRequest } from "./estimate-work.ts";
import { type LevelLimits, limitsOf } from "./limits/nominal-limits.ts";
import { noQueues, QueueSet, type QueueSetConfig } from "./queueing/queue-set.ts";
import { RetryAfter } from "./retry-after.ts";

/** One priority level at work. */
export class PriorityLevel {
  readonly name: string;
  readonly queueSet: QueueSet;
  readonly retryAfter: RetryAfter;
  readonly isExempt: boolean;
  uid = "";
  limits: LevelLimits = { nominal: 0, lower: 0, upper: 0 };
  /** Of the last adjustment of limits. */
  adjusted = { smoothed: 0, target: 0, average: 0, deviation: 0, highest: 0 };
  /** Its object is gone: it takes no more, and goes when the last request has ended. */
  isQuiescing = false;
  #spec: PriorityLevelConfiguration["spec"];

  constructor(clock: Clock, { metadata, spec }: PriorityLevelConfiguration) {
    this.name = metadata.name;
    this.isExempt = spec.type === "Exempt";
    this.#spec = spec;
    this.retryAfter = new RetryAfter(clock.monotonic());
    this.queueSet = new QueueSet(clock, queuesOf(spec), this.isExempt ? Number.POSITIVE_INFINITY : 0);
  }

  get spec(): PriorityLevelConfiguration["spec"] {
    return this.#spec;
  }

  /** How many seats one request may have, so that a flow's hand of them leaves room for others. */
  get maxSeatsOfRequest(): number {
    const handSize = this.#spec.limited?.limitResponse?.queuing?.handSize ?? 1;
    return Math.max(1, Math.min(maxSeatsOfRequest, Math.floor(this.limits.nominal / handSize)));
  }

  /** Takes the object's present state. */
  configure({ metadata, spec }: PriorityLevelConfiguration): void {
    this.uid = metadata.uid ?? "";
    this.isQuiescing = false;
    if (!sameQueues(queuesOf(this.#spec), queuesOf(spec))) this.queueSet.configure(queuesOf(spec));
    this.#spec = spec;
  }

  /** Takes its part of the server's seats; what it has borrowed or lent begins anew when that changes. */
  divide(totalShares: number, serverSeats: number): void {
    const limits = limitsOf(this.#spec, totalShares, serverSeats);
    const isSame = limits.nominal === this.limits.nominal && limits.lower === this.limits.lower;
    this.limits = limits;
    if (!isSame && !this.isExempt) this.queueSet.setLimit(limits.nominal);
  }
}

function queuesOf({ limited }: PriorityLevelConfiguration["spec"]): QueueSetConfig {
  const { type, queuing } = limited?.limitResponse ?? {};
  return type === "Queue" && queuing ? queuing : noQueues;
}

function sameQueues(a: QueueSetConfig, b: QueueSetConfig): boolean {
  return a.queues === b.queues && a.handSize === b.handSize && a.queueLengthLimit === b.queueLengthLimit;
}
