import type { coreV1 } from "@tskube/api";
import { type FieldError, field, Path, qualifiedNameErrors } from "@tskube/apimachinery";

type Event = coreV1.Event;

const maxWordLength = 128;
const maxMessageLength = 1024;
const otherNamespace = "does not match event.namespace";

/** An event as the core API takes it: those that came with `eventTime` have to say more. */
export function validateEvent(event: Event): FieldError[] {
  return event.eventTime ? validateNewEvent(event) : namespaceErrors(event);
}

/** Events about things outside of namespaces live in `default`. */
function namespaceErrors({ metadata, involvedObject }: Event): FieldError[] {
  const path = Path.of("involvedObject", "namespace");
  const { namespace: about = "" } = involvedObject;
  const { namespace = "" } = metadata;
  const isRight = about === "" ? namespace === "" || namespace === "default" : about === namespace;
  return isRight ? [] : [field.invalid(path, about, otherNamespace)];
}

function validateNewEvent(event: Event): FieldError[] {
  const { metadata, involvedObject, reportingComponent, reportingInstance } = event;
  const errors: FieldError[] = [];
  const outside = ["default", "kube-system"];
  if (!involvedObject.namespace && !outside.includes(metadata.namespace ?? "")) {
    errors.push(field.invalid(Path.of("involvedObject", "namespace"), "", otherNamespace));
  }
  const controllerAt = Path.of("reportingController");
  if (!reportingComponent) errors.push(field.required(controllerAt));
  errors.push(
    ...qualifiedNameErrors(reportingComponent).map((message) =>
      field.invalid(controllerAt, reportingComponent, message),
    ),
    ...wordErrors(reportingInstance, Path.of("reportingInstance")),
    ...wordErrors(event.action, Path.of("action")),
    ...wordErrors(event.reason, Path.of("reason")),
  );
  if ((event.message ?? "").length > maxMessageLength) {
    errors.push(field.invalid(Path.of("message"), "", `can have at most ${maxMessageLength} characters`));
  }
  return errors;
}

function wordErrors(word: string | undefined, at: Path): FieldError[] {
  if (!word) return [field.required(at)];
  return word.length > maxWordLength ? [field.invalid(at, "", `can have at most ${maxWordLength} characters`)] : [];
}
