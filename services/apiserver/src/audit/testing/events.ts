import { createMetrics } from "@tskube/base";
import { type Backend, RecordedEvent } from "../backend.ts";
import { encodeEvent } from "../encode-event.ts";
import type { AuditEvent } from "../event.ts";
import { createAuditMetrics } from "../metrics.ts";

export function anEvent(more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    level: "Metadata",
    auditId: "id",
    stage: "ResponseComplete",
    requestUri: "/api/v1/namespaces/a/pods",
    verb: "list",
    user: { name: "ann", groups: ["devs", "ops"] },
    impersonatedUser: undefined,
    sourceIps: ["10.0.0.1"],
    userAgent: "kubectl/v1.35",
    objectRef: { resource: "pods", namespace: "a", apiVersion: "v1" },
    responseStatus: { code: 200 },
    requestObject: undefined,
    responseObject: undefined,
    requestReceivedTimestamp: "2026-01-01T00:00:00.000000Z",
    stageTimestamp: "2026-01-01T00:00:00.001000Z",
    annotations: new Map(),
    ...more,
  };
}

export function recorded(more: Partial<AuditEvent> = {}): RecordedEvent {
  return new RecordedEvent(anEvent(more), encodeEvent);
}

/** Keeps the ids of the events it was given, batch by batch. */
export class CollectingBackend implements Backend {
  readonly batches: string[][] = [];
  isClosed = false;
  isBroken = false;

  process(events: readonly RecordedEvent[]): boolean {
    this.batches.push(events.map(({ event }) => event.auditId));
    return !this.isBroken;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** Metrics with a way to ask what was lost. */
export function countingMetrics() {
  const registry = createMetrics({ processFigures: false });
  const metrics = createAuditMetrics(registry);
  const text = () => registry.metrics();
  return { metrics, text };
}
