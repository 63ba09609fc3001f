import { errorMessage } from "@tskube/base";
import {
  ClientClosedError,
  EtcdAuthenticationFailedError,
  EtcdInvalidAuthTokenError,
  EtcdPermissionDeniedError,
  GRPCDeadlineExceededError,
  GRPCGenericError,
  GRPCInvalidArgumentError,
  GRPCOutOfRangeError,
  GRPCResourceExhastedError,
  GRPCUnauthenticatedError,
  isRecoverableError,
} from "etcd3";
import { StoreError } from "../../errors.ts";

/** What is being attempted: decides whether a failure leaves it open if something was written. */
export type CallKind = "read" | "write";

/** Failures after which nothing can have reached a member's log. */
const notSent =
  /No connection established|Channel (has been )?closed|Failed to connect|ECONNREFUSED|name resolution|no leader|too many requests/i;

/** The store's error for anything etcd's client throws. Compaction and future revisions get their numbers elsewhere. */
export function fromEtcdError(error: unknown, kind: CallKind): StoreError {
  if (error instanceof StoreError) return error;
  const message = `etcd: ${errorMessage(error)}`;
  const maybeApplied = kind === "write" && !notSent.test(message);
  if (error instanceof ClientClosedError) return new StoreError("closed", "store is closed", { cause: error });
  if (error instanceof GRPCDeadlineExceededError || /request timed out/.test(message)) {
    return new StoreError("timeout", message, { cause: error, maybeApplied });
  }
  if (/required revision has been compacted/.test(message))
    return new StoreError("compacted", message, { cause: error, compactedRevision: 0 });
  if (/required revision is a future revision/.test(message))
    return new StoreError("futureRevision", message, { cause: error });
  if (/database space exceeded|NOSPACE/.test(message)) return new StoreError("noSpace", message, { cause: error });
  if (/request is too large|larger than max|too many operations/.test(message))
    return new StoreError("tooLarge", message, { cause: error });
  if (isUnauthenticated(error)) return new StoreError("unauthenticated", message, { cause: error });
  if (error instanceof GRPCInvalidArgumentError) return new StoreError("invalid", message, { cause: error });
  if (isUnavailable(error)) return new StoreError("unavailable", message, { cause: error, maybeApplied });
  return new StoreError("internal", message, { cause: error, maybeApplied });
}

function isUnauthenticated(error: unknown): boolean {
  return (
    error instanceof EtcdPermissionDeniedError ||
    error instanceof EtcdAuthenticationFailedError ||
    error instanceof EtcdInvalidAuthTokenError ||
    error instanceof GRPCUnauthenticatedError
  );
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof GRPCOutOfRangeError) return false;
  return error instanceof GRPCResourceExhastedError || (error instanceof GRPCGenericError && isRecoverableError(error));
}
