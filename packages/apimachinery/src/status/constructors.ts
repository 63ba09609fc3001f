import { errorMessage } from "@tskube/base";
import { formatGroupKind, formatGroupResource, type GroupKind, type GroupResource } from "../meta/group-version.ts";
import { goQuote } from "../text/go-quote.ts";
import { aggregateMessage, type FieldError, fieldErrorBody } from "../validation/field-error.ts";
import type { StatusCause } from "./status.ts";
import { failure, failureWithCode, internalParts, type StatusError } from "./status-error.ts";

/** Why something was refused: a sentence, or an error whose message is one. */
type Why = string | Error;

function detailsOf({ group, resource }: GroupResource, name = "") {
  return { group, kind: resource, name };
}

function named(resource: GroupResource, name: string): string {
  return `${formatGroupResource(resource)} ${goQuote(name)}`;
}

export function badRequest(message: string): StatusError {
  return failure("BadRequest", { message });
}

export function unauthorized(message = ""): StatusError {
  return failure("Unauthorized", { message: message || "not authorized" });
}

/** Names the object if `name` is given, and only the reason if `resource` is empty. */
export function forbidden(resource: GroupResource, name: string, why: Why): StatusError {
  const subject = name === "" ? formatGroupResource(resource) : named(resource, name);
  const isEmpty = resource.group === "" && resource.resource === "";
  const message = isEmpty ? `forbidden: ${errorMessage(why)}` : `${subject} is forbidden: ${errorMessage(why)}`;
  return failure("Forbidden", { message, details: detailsOf(resource, name) });
}

export function notFound(resource: GroupResource, name: string): StatusError {
  return failure("NotFound", { message: `${named(resource, name)} not found`, details: detailsOf(resource, name) });
}

/** `verb` is the method or act refused, as in `create is not supported on resources of kind "pods"`. */
export function methodNotSupported(resource: GroupResource, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind ${goQuote(formatGroupResource(resource))}`;
  return failure("MethodNotAllowed", { message, details: detailsOf(resource) });
}

/** Nothing answers this method at this path, whatever the resource can do at others. */
export function methodNotAllowed(): StatusError {
  return failure("MethodNotAllowed", { message: "the server does not allow this method on the requested resource" });
}

export function notAcceptable(acceptedTypes: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${acceptedTypes.join(", ")}`;
  return failure("NotAcceptable", { message });
}

export function unsupportedMediaType(acceptedTypes: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${acceptedTypes.join(", ")}`;
  return failure("UnsupportedMediaType", { message });
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${named(resource, name)} already exists`;
  return failure("AlreadyExists", { message, details: detailsOf(resource, name) });
}

/** No free name was found for a `generateName`. */
export function generateNameConflict(resource: GroupResource, name: string, retryAfterSeconds: number): StatusError {
  const message = `${named(resource, name)} already exists, the server was not able to generate a unique name for the object`;
  return failure("AlreadyExists", { message, details: { ...detailsOf(resource, name), retryAfterSeconds } });
}

export function conflict(resource: GroupResource, name: string, why: Why): StatusError {
  const message = `Operation cannot be fulfilled on ${named(resource, name)}: ${errorMessage(why)}`;
  return failure("Conflict", { message, details: detailsOf(resource, name) });
}

/** The sentence of a conflict whose cause is a stale resourceVersion; clients look for it. */
export const staleObjectMessage =
  "the object has been modified; please apply your changes to the latest version and try again";

export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return failure("Conflict", { message, details: { causes } });
}

export function gone(message: string): StatusError {
  return failure("Gone", { message });
}

/** A resourceVersion or continue token older than what is kept. */
export function resourceExpired(message: string): StatusError {
  return failure("Expired", { message });
}

export function requestEntityTooLarge(message: string): StatusError {
  return failure("RequestEntityTooLarge", { message: `Request entity too large: ${message}` });
}

export function invalid(kind: GroupKind, name: string, fieldErrors: readonly FieldError[]): StatusError {
  const subject = `${formatGroupKind(kind)} ${goQuote(name)} is invalid`;
  const causes = fieldErrors.map((error) => ({
    reason: error.type,
    message: fieldErrorBody(error),
    field: error.field,
  }));
  return failure("Invalid", {
    message: causes.length === 0 ? subject : `${subject}: ${aggregateMessage(fieldErrors)}`,
    details: { group: kind.group, kind: kind.kind, name, causes },
  });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure("TooManyRequests", { message, details: { retryAfterSeconds } });
}

/** The server's own limit of requests in flight. */
export function tooManyRequestsInFlight(message: string): StatusError {
  return failure("TooManyRequests", { message: `Too many requests: ${message}` });
}

/** `error` stays attached as the cause, for the log. */
export function internalError(error: unknown): StatusError {
  return failure("InternalError", internalParts(error));
}

/** A transient failure of `operation`, such as a webhook that did not answer; clients retry. */
export function serverTimeout(resource: GroupResource, operation: string, retryAfterSeconds: number): StatusError {
  const message = `The ${operation} operation against ${formatGroupResource(resource)} could not be completed at this time, please try again.`;
  return failure("ServerTimeout", { message, details: { ...detailsOf(resource, operation), retryAfterSeconds } });
}

/** What stands in the store cannot be decoded or decrypted. */
export function storageReadError(message: string): StatusError {
  return failure("StorageReadError", { message });
}

export function serviceUnavailable(message: string): StatusError {
  return failure("ServiceUnavailable", { message });
}

/** The request ran out of time; what it asked for may still happen. */
export function timeout(message: string, retryAfterSeconds: number): StatusError {
  return failure("Timeout", { message: `Timeout: ${message}`, details: { retryAfterSeconds } });
}

/** A resourceVersion the server has not reached yet: a timeout with a cause of its own, which clients answer by reading again. */
export function tooLargeResourceVersion(requested: number, current: number, retryAfterSeconds: number): StatusError {
  return failure("Timeout", {
    message: `Timeout: Too large resource version: ${requested}, current: ${current}`,
    details: {
      retryAfterSeconds,
      causes: [{ reason: resourceVersionTooLarge, message: "Too large resource version" }],
    },
  });
}

export const resourceVersionTooLarge = "ResourceVersionTooLarge";

/** A failure with a code that has no reason of its own, as for an answer that is not a Status. */
export function unknownFailure(code: number, message: string): StatusError {
  return failureWithCode(code, "", { message });
}
