import { DurationHistogram } from "./metrics/duration-histogram.ts";
import type { RejectReason } from "./queueing/ticket.ts";

/** What became of the requests of one schema in one level, counted where it costs least; metrics read it. */
export class FlowStats {
  readonly level: string;
  readonly schema: string;
  dispatched = 0;
  readonly rejected: Partial<Record<RejectReason, number>> = {};
  readonly waitOfExecuted = new DurationHistogram();
  readonly waitOfRejected = new DurationHistogram();
  readonly execution = new DurationHistogram();
  readonly watchStart = new DurationHistogram();

  constructor(level: string, schema: string) {
    this.level = level;
    this.schema = schema;
  }

  reject(reason: RejectReason, waitedSeconds: number): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
    this.waitOfRejected.observe(waitedSeconds);
  }
}
