/**
 * - `compacted`: the revision asked for is no longer kept; `compactedRevision` says up to where history is gone.
 * - `futureRevision`: the revision asked for has not happened yet.
 * - `slowWatcher`: a watch fell too far behind and was cut; `resumeRevision` is where a new one takes over without a gap.
 * - `unavailable`: the store cannot be reached, or lost its leader; trying again later is right.
 * - `timeout`: no answer within the request's time.
 * - `tooLarge`: a value, key or transaction beyond the limits.
 * - `noSpace`: the disk, or etcd's quota, is full; nothing that was acknowledged is lost.
 * - `locked`: another process has the embedded store's directory open.
 * - `invalid`: the request itself makes no sense.
 * - `unauthenticated`: the store refuses this client.
 * - `closed`: the store was closed.
 * - `internal`: anything else, with its `cause`.
 */
export type StoreErrorCode =
  | "compacted"
  | "futureRevision"
  | "slowWatcher"
  | "unavailable"
  | "timeout"
  | "tooLarge"
  | "noSpace"
  | "locked"
  | "invalid"
  | "unauthenticated"
  | "closed"
  | "internal";

export interface StoreErrorDetails {
  readonly cause?: unknown;
  readonly compactedRevision?: number;
  readonly resumeRevision?: number;
  readonly maybeApplied?: boolean;
}

/** The only error a store throws. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  /** With `compacted`: history up to here is gone; 0 when the backend cannot tell. */
  readonly compactedRevision: number | undefined;
  /** With `slowWatcher`: the first revision that was not delivered. */
  readonly resumeRevision: number | undefined;
  /** Whether a write that failed so may have been carried out all the same; always false for reads. */
  readonly maybeApplied: boolean;

  constructor(code: StoreErrorCode, message: string, details: StoreErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.compactedRevision = details.compactedRevision;
    this.resumeRevision = details.resumeRevision;
    this.maybeApplied = details.maybeApplied ?? false;
  }
}

/** Whether `error` is a store's, and of one of `codes` when any are given. */
export function isStoreError(error: unknown, ...codes: StoreErrorCode[]): error is StoreError {
  return error instanceof StoreError && (codes.length === 0 || codes.includes(error.code));
}

export function compacted(requested: number, compactedRevision: number): StoreError {
  return new StoreError(
    "compacted",
    `revision ${requested} has been compacted, history begins after ${compactedRevision}`,
    {
      compactedRevision,
    },
  );
}

export function futureRevision(requested: number, current: number): StoreError {
  return new StoreError("futureRevision", `revision ${requested} is ahead of the store's ${current}`);
}
