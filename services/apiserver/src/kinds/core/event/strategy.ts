import type { coreV1 } from "@tskube/api";
import type { Strategy } from "../../../registry/strategy.ts";
import { eventColumns } from "./columns.ts";
import { validateEvent } from "./validate-event.ts";

type Event = coreV1.Event;

const about = (name: keyof Event["involvedObject"]) => (event: Event) => event.involvedObject[name] ?? "";

/** Events are notes for people: the store forgets them after `ttlSeconds`. */
export function eventStrategy(ttlSeconds: number): Strategy<Event> {
  return {
    allowCreateOnUpdate: true,
    columns: eventColumns,
    ttlSeconds: () => ttlSeconds,
    validate: validateEvent,
    validateUpdate: validateEvent,
    selectableFields: {
      "involvedObject.kind": about("kind"),
      "involvedObject.namespace": about("namespace"),
      "involvedObject.name": about("name"),
      "involvedObject.uid": about("uid"),
      "involvedObject.apiVersion": about("apiVersion"),
      "involvedObject.resourceVersion": about("resourceVersion"),
      "involvedObject.fieldPath": about("fieldPath"),
      reason: ({ reason }) => reason ?? "",
      reportingComponent: ({ reportingComponent }) => reportingComponent,
      source: ({ source, reportingComponent }) => source?.component || reportingComponent,
      type: ({ type }) => type ?? "",
    },
  };
}
