import type { coreV1 } from "@tskube/api";
import type { TableColumns } from "../../../http/table-columns.ts";
import { ageSince, column, nameColumn } from "../../cells.ts";

type Event = coreV1.Event;

export const eventColumns: TableColumns<Event> = {
  definitions: [
    column("Last Seen", "When the event was last seen."),
    column("Type", "Normal or Warning."),
    column("Reason", "Why, in one word."),
    column("Object", "What the event is about."),
    column("Subobject", "The part of the object that the event is about.", { isWide: true }),
    column("Source", "Who reported the event.", { isWide: true }),
    column("Message", "What happened."),
    column("First Seen", "When the event was first seen.", { isWide: true }),
    column("Count", "How often it was seen.", { isWide: true }),
    { ...nameColumn, priority: 1 },
  ],
  cells(event) {
    const first = event.firstTimestamp ?? event.eventTime;
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
    return [
      ageSince(last),
      event.type ?? "",
      event.reason ?? "",
      objectText(event),
      event.involvedObject.fieldPath ?? "",
      sourceText(event),
      (event.message ?? "").trim(),
      ageSince(first),
      String(event.series?.count ?? event.count ?? 1),
      event.metadata.name,
    ];
  },
};

function objectText({ involvedObject }: Event): string {
  const kind = (involvedObject.kind ?? "").toLowerCase();
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind;
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent;
  const host = source?.host || (component === reportingComponent ? reportingInstance : "");
  return host ? `${component}, ${host}` : component;
}
