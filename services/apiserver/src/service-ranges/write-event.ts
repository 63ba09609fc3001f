import type { coreV1, KubeObject } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger } from "@tskube/base";
import type { LocalObjects } from "../registry/objects.ts";
import { eventsResource } from "./local.ts";

export interface EventDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

const component = "ipallocator-repair-controller";

/** Notes something about an object for people; that it could not be noted stops nothing. */
export async function writeEvent(deps: EventDeps, about: KubeObject, reason: string, message: string): Promise<void> {
  const { objects, clock, logger } = deps;
  const { name, uid, resourceVersion, namespace } = about.metadata;
  const time = formatTime(clock.now());
  // What stands in no namespace is written about in `default`.
  const where = namespace || "default";
  const event: coreV1.Event = {
    kind: "Event",
    apiVersion: "v1",
    metadata: { name: `${name}.${crypto.randomUUID().slice(0, 18).replaceAll("-", "")}`, namespace: where },
    involvedObject: { kind: about.kind, apiVersion: about.apiVersion, name, namespace, uid, resourceVersion },
    type: "Warning",
    reason,
    message,
    source: { component },
    reportingComponent: component,
    reportingInstance: "",
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  try {
    await objects.create(eventsResource, where, event);
  } catch (error) {
    logger.warn({ reason: errorMessage(error) }, "an event could not be written");
  }
}
