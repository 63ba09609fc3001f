/** metav1.Status as it stands in JSON: what the API answers when a request fails, and for some that succeed. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: StatusListMeta;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  /** Empty or absent means unknown. */
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** The HTTP code. */
  readonly code: number;
}

export interface StatusListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The resource's plural name, or the kind for `Invalid`. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  /** A CauseType such as `FieldValueRequired` or `FieldManagerConflict`. */
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}
