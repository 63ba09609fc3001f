import type { KubeObject, ObjectReference } from "@tskube/api";
import { type EventRecorder, type EventType, joinKey, referenceTo } from "@tskube/client";

/** Writes events down as `Warning FailedScheduling default/web: message`. */
export class JournalRecorder implements EventRecorder {
  readonly lines: string[] = [];

  normal(about: KubeObject, reason: string, message: string): void {
    this.record(referenceTo(about), "Normal", reason, message);
  }

  warn(about: KubeObject, reason: string, message: string): void {
    this.record(referenceTo(about), "Warning", reason, message);
  }

  record({ namespace, name = "" }: ObjectReference, type: EventType, reason: string, message: string): void {
    this.lines.push(`${type} ${reason} ${joinKey(namespace, name)}: ${message}`);
  }
}
