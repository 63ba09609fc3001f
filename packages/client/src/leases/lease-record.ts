import type { Lease } from "@tskube/api";
import { formatMicroTime } from "@tskube/apimachinery";

/** What a candidate wants to know and write of a lease. */
export interface LeaseRecord {
  /** Empty when nobody holds it. */
  readonly holder: string;
  readonly leaseDurationMs: number;
  readonly acquireTime: string | undefined;
  readonly renewTime: string | undefined;
  readonly transitions: number;
}

export function readRecord({ spec }: Lease): LeaseRecord {
  return {
    holder: spec?.holderIdentity ?? "",
    leaseDurationMs: (spec?.leaseDurationSeconds ?? 0) * 1000,
    acquireTime: spec?.acquireTime,
    renewTime: spec?.renewTime,
    transitions: spec?.leaseTransitions ?? 0,
  };
}

/** The lease with the record in it; all else of it is kept. */
export function withRecord(lease: Lease, record: LeaseRecord): Lease {
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: record.holder,
      leaseDurationSeconds: Math.ceil(record.leaseDurationMs / 1000),
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

/** The record by which `identity` takes or renews a lease that stood as `old`. */
export function claim(
  old: LeaseRecord | undefined,
  identity: string,
  leaseDurationMs: number,
  nowMs: number,
): LeaseRecord {
  const now = formatMicroTime(nowMs);
  const isRenewal = old?.holder === identity;
  return {
    holder: identity,
    leaseDurationMs,
    acquireTime: isRenewal ? old.acquireTime : now,
    renewTime: now,
    transitions: (old?.transitions ?? 0) + (old && !isRenewal ? 1 : 0),
  };
}

/** What a holder leaves behind: free at once, with a duration that no version of the client takes for invalid. */
export function released(old: LeaseRecord, nowMs: number): LeaseRecord {
  const now = formatMicroTime(nowMs);
  return { holder: "", leaseDurationMs: 1000, acquireTime: now, renewTime: now, transitions: old.transitions };
}
