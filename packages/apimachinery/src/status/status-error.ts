import { errorMessage } from "@tskube/base";
import { reasonCodes, type StatusReason } from "./reasons.ts";
import type { Status, StatusDetails } from "./status.ts";

export interface FailureParts {
  readonly message: string;
  readonly details?: StatusDetails;
  /** The origin, kept for logs; it does not cross the API. */
  readonly cause?: unknown;
}

/** An error that crosses the API. `status` is the whole answer body; build one with the constructor functions, not with `new`. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? "", options);
    this.name = "StatusError";
    this.status = status;
  }

  /** The HTTP code. */
  get code(): number {
    return this.status.code;
  }

  /** A `StatusReason`, another text that came over the wire, or empty for unknown. */
  get reason(): string {
    return this.status.reason ?? "";
  }

  /** The StatusError that `error` is or has among its causes; anything else becomes an internal error. Never throws. */
  static from(error: unknown): StatusError {
    return findStatusError(error) ?? failure("InternalError", internalParts(error));
  }

  /** The error for a Status document that came over the wire. */
  static fromStatus(status: Status): StatusError {
    return new StatusError(status);
  }
}

/** The StatusError that `error` is or that stands in its chain of causes. */
export function findStatusError(error: unknown): StatusError | undefined {
  let current = error;
  for (let depth = 0; depth < maxCauseDepth && current !== undefined && current !== null; depth++) {
    if (current instanceof StatusError) return current;
    current = current instanceof Error ? current.cause : undefined;
  }
  return undefined;
}

/** Bounds the walk through causes, which may form a ring. */
const maxCauseDepth = 32;

/** What an internal error tells of `error`: its message both in the sentence and as the only cause. */
export function internalParts(error: unknown): FailureParts {
  const message = errorMessage(error);
  return { message: `Internal error occurred: ${message}`, details: { causes: [{ message }] }, cause: error };
}

/** A failure with `reason` and the code that goes with it. */
export function failure(reason: StatusReason, parts: FailureParts): StatusError {
  return failureWithCode(reasonCodes[reason], reason, parts);
}

/** A failure whose code does not follow from its reason: foreign answers and unknown reasons. */
export function failureWithCode(code: number, reason: string, parts: FailureParts): StatusError {
  const status: Status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: parts.message,
    ...(reason && { reason }),
    ...(parts.details && { details: withoutEmpty(parts.details) }),
    code,
  };
  return new StatusError(status, parts.cause === undefined ? undefined : { cause: parts.cause });
}

/** Empty parts are left out of JSON, as Go's omitempty does. */
function withoutEmpty(details: StatusDetails): StatusDetails {
  const { name, group, kind, uid, causes, retryAfterSeconds } = details;
  return {
    ...(name && { name }),
    ...(group && { group }),
    ...(kind && { kind }),
    ...(uid && { uid }),
    ...(causes?.length && { causes }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  };
}
