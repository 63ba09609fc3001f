import { resourceVersionTooLarge } from "./constructors.ts";
import { isKnownReason, reasonCodes, type StatusReason } from "./reasons.ts";
import type { StatusCause } from "./status.ts";
import { findStatusError } from "./status-error.ts";

/** A question about anything thrown: wrapped StatusErrors count, and foreign ones with an unknown reason are judged by their code. */
function hasReason(error: unknown, reason: StatusReason): boolean {
  const found = findStatusError(error);
  if (!found) return false;
  return found.reason === reason || (!isKnownReason(found.reason) && found.code === reasonCodes[reason]);
}

/** The reason alone decides where the code is shared with another reason. */
function hasExactReason(error: unknown, reason: StatusReason): boolean {
  return findStatusError(error)?.reason === reason;
}

export const isBadRequest = (error: unknown): boolean => hasReason(error, "BadRequest");
export const isUnauthorized = (error: unknown): boolean => hasReason(error, "Unauthorized");
export const isForbidden = (error: unknown): boolean => hasReason(error, "Forbidden");
export const isNotFound = (error: unknown): boolean => hasReason(error, "NotFound");
export const isMethodNotSupported = (error: unknown): boolean => hasReason(error, "MethodNotAllowed");
export const isNotAcceptable = (error: unknown): boolean => hasReason(error, "NotAcceptable");
export const isAlreadyExists = (error: unknown): boolean => hasExactReason(error, "AlreadyExists");
export const isConflict = (error: unknown): boolean => hasReason(error, "Conflict");
export const isGone = (error: unknown): boolean => hasReason(error, "Gone");
export const isResourceExpired = (error: unknown): boolean => hasExactReason(error, "Expired");
export const isUnsupportedMediaType = (error: unknown): boolean => hasReason(error, "UnsupportedMediaType");
export const isInvalid = (error: unknown): boolean => hasReason(error, "Invalid");
export const isInternalError = (error: unknown): boolean => hasReason(error, "InternalError");
export const isServerTimeout = (error: unknown): boolean => hasExactReason(error, "ServerTimeout");
export const isStorageReadError = (error: unknown): boolean => hasExactReason(error, "StorageReadError");
export const isServiceUnavailable = (error: unknown): boolean => hasReason(error, "ServiceUnavailable");
export const isTimeout = (error: unknown): boolean => hasReason(error, "Timeout");

/** These two go by the code even when the reason is another known one, as upstream's do. */
export const isTooManyRequests = (error: unknown): boolean =>
  hasExactReason(error, "TooManyRequests") || findStatusError(error)?.code === reasonCodes.TooManyRequests;
export const isRequestEntityTooLarge = (error: unknown): boolean =>
  hasExactReason(error, "RequestEntityTooLarge") || findStatusError(error)?.code === reasonCodes.RequestEntityTooLarge;

export const isTooLargeResourceVersion = (error: unknown): boolean =>
  statusCause(error, resourceVersionTooLarge) !== undefined;

/** The first cause of that type in the error's details. */
export function statusCause(error: unknown, type: string): StatusCause | undefined {
  return findStatusError(error)?.status.details?.causes?.find((cause) => cause.reason === type);
}

/** Seconds the error asks its client to wait, or undefined if it does not. */
export function suggestedDelaySeconds(error: unknown): number | undefined {
  const found = findStatusError(error);
  if (!found?.status.details) return undefined;
  const seconds = found.status.details.retryAfterSeconds ?? 0;
  return seconds > 0 || found.reason === "ServerTimeout" ? seconds : undefined;
}
