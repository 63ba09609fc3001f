import type { eventsV1 } from "@tskube/api";
import { type FieldError, field, Path } from "@tskube/apimachinery";

type Event = eventsV1.Event;

const types = ["Normal", "Warning"];
const minSeriesCount = 2;

/** What `events.k8s.io/v1` asks of a new event: a time of its own, a type, and nothing of what only older events have. */
export function validateNewEventV1(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.eventTime) errors.push(field.required(Path.of("eventTime")));
  const { series, type = "" } = event;
  if (series) {
    const at = Path.of("series");
    if (series.count < minSeriesCount) {
      errors.push(field.invalid(at.child("count"), "", "should be at least 2"));
    }
    if (!series.lastObservedTime) errors.push(field.required(at.child("lastObservedTime")));
  }
  if (!types.includes(type)) errors.push(field.invalid(Path.of("type"), "", `has invalid value: ${type}`));
  const unset = (name: string) => field.invalid(Path.of(name), "", "needs to be unset");
  if (event.deprecatedFirstTimestamp) errors.push(unset("firstTimestamp"));
  if (event.deprecatedLastTimestamp) errors.push(unset("lastTimestamp"));
  if (event.deprecatedCount) errors.push(unset("count"));
  const { component, host } = event.deprecatedSource ?? {};
  if (component || host) errors.push(unset("source"));
  return errors;
}
