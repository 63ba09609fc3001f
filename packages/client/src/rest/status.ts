import {
  isConflict,
  isGone,
  isResourceExpired,
  isTooLargeResourceVersion,
  type Status,
  StatusError,
  unknownFailure,
} from "@tskube/apimachinery";
import { systemErrorCode } from "@tskube/base";

export { isConflict, isTooLargeResourceVersion };

/** The version asked for is older than what the server keeps: only reading everything anew helps. */
export function isExpired(error: unknown): boolean {
  return isResourceExpired(error) || isGone(error);
}

export function isStatusError(error: unknown): error is StatusError {
  return error instanceof StatusError;
}

/** The connection ended before an answer came, which says nothing about the server's state. */
export function isConnectionReset(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ECONNRESET" || code === "EPIPE";
}

/** The error for a failed answer: the server's own Status, or one made from a body that is not one (a proxy's page, an old text). */
export function statusErrorOf(
  code: number,
  body: string,
  request: { readonly method: string; readonly path: string },
): StatusError {
  const status = parseStatus(body);
  if (status) return StatusError.fromStatus(status.code ? status : { ...status, code });
  const said = body.trim().slice(0, 2048);
  return unknownFailure(
    code,
    `the server answered ${request.method} ${request.path} with ${code}${said === "" ? "" : `: ${said}`}`,
  );
}

/** The error for the object of a watch's ERROR event. */
export function statusErrorFrom(object: unknown): StatusError {
  return isStatus(object) ? StatusError.fromStatus(object) : unknownFailure(500, "watch failed without saying why");
}

function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined; // not JSON: the caller quotes it
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}
