import { BucketCounts, durationBounds, lengthBounds, seatBounds } from "./metrics/bucket-counts.ts";
import type { RejectReason } from "./queueing/ticket.ts";

/** What became of the requests of one schema in one level, counted where it costs least; metrics read it. */
export class FlowStats {
  readonly level: string;
  readonly schema: string;
  dispatched = 0;
  readonly rejected: Partial<Record<RejectReason, number>> = {};
  readonly waitOfExecuted = new BucketCounts(durationBounds);
  readonly waitOfRejected = new BucketCounts(durationBounds);
  readonly execution = new BucketCounts(durationBounds);
  readonly watchStart = new BucketCounts(durationBounds);
  readonly seats = new BucketCounts(seatBounds);
  /** Lengths of the queues that requests joined. */
  readonly queueLength = new BucketCounts(lengthBounds);

  constructor(level: string, schema: string) {
    this.level = level;
    this.schema = schema;
  }

  reject(reason: RejectReason, waitedSeconds: number): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
    this.waitOfRejected.observe(waitedSeconds);
  }
}
