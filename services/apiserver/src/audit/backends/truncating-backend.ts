import type { Logger } from "@tskube/base";
import { type Backend, RecordedEvent } from "../backend.ts";
import { encodeEvent } from "../encode-event.ts";
import type { AuditMetrics } from "../metrics.ts";
import { reaches } from "../policy/policy.ts";

export interface TruncateOptions {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
}

/** Bounds events and batches: one too large loses its objects, and goes itself if that is not enough. */
export function truncatingBackend(
  delegate: Backend,
  { maxEventBytes, maxBatchBytes }: TruncateOptions,
  { metrics, logger }: { readonly metrics: AuditMetrics; readonly logger: Logger },
): Backend {
  return {
    async process(events) {
      const fitting = events.map((event) => truncated(event, maxEventBytes)).filter(isSmall);
      if (fitting.length < events.length) {
        metrics.observeLost("truncate", events.length - fitting.length);
        logger.error({ events: events.length - fitting.length }, "audit event is too large even after truncating");
      }
      let isSafe = true;
      for (const batch of batches(fitting, maxBatchBytes)) isSafe = (await delegate.process(batch)) && isSafe;
      return isSafe;
    },
    close: () => delegate.close(),
  };

  function isSmall(recorded: RecordedEvent): boolean {
    return sizeOf(recorded) <= maxEventBytes;
  }
}

function truncated(recorded: RecordedEvent, maxBytes: number): RecordedEvent {
  const { event } = recorded;
  if (!reaches(event.level, "Request") || sizeOf(recorded) <= maxBytes) return recorded;
  const annotations = new Map(event.annotations).set("audit.k8s.io/truncated", "true");
  return new RecordedEvent({ ...event, annotations, requestObject: undefined, responseObject: undefined }, encodeEvent);
}

function* batches(events: readonly RecordedEvent[], maxBytes: number): Generator<RecordedEvent[]> {
  let batch: RecordedEvent[] = [];
  let size = 0;
  for (const event of events) {
    if (batch.length > 0 && size + sizeOf(event) > maxBytes) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(event);
    size += sizeOf(event);
  }
  if (batch.length > 0) yield batch;
}

function sizeOf({ json }: RecordedEvent): number {
  return Buffer.byteLength(json);
}
