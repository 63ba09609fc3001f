import type { Event, KubeObject, ObjectReference } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";

export type EventType = "Normal" | "Warning";

/** What a component says about an object. */
export interface Announcement {
  readonly type: EventType;
  /** Short, in camel case, for machines: `FailedScheduling`. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
}

export interface EventSourceInfo {
  /** The component, as in `kubelet`. */
  readonly component: string;
  /** The node it runs on, if that matters. */
  readonly host?: string | undefined;
}

/** The longest message the API takes. */
const maxMessageLength = 1024;

/** The object an event is about; a field path such as `spec.containers{web}` names a part of it. */
export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
    ...(fieldPath && { fieldPath }),
  };
}

/** A first event; `unique` makes its name its own (upstream uses nanoseconds). */
export function makeEvent(
  about: ObjectReference,
  said: Announcement,
  source: EventSourceInfo,
  nowMs: number,
  unique: string,
): Event {
  const now = formatTime(nowMs);
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${about.name ?? ""}.${unique}`, namespace: about.namespace || "default" },
    involvedObject: about,
    type: said.type,
    reason: said.reason,
    message:
      said.message.length > maxMessageLength ? `${said.message.slice(0, maxMessageLength - 3)}...` : said.message,
    source: { component: source.component, ...(source.host && { host: source.host }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    reportingComponent: source.component,
    reportingInstance: source.host ?? "",
  };
}
