import type { Clock } from "@tskube/base";

const nanosPerMs = 1_000_000n;

/** CRI's times: nanoseconds since the epoch. */
export const toNanos = (ms: number): bigint => BigInt(Math.trunc(ms * 1000)) * 1000n;

/** Milliseconds since the epoch of a CRI time. */
export const toMillis = (nanos: bigint): number => Number(nanos / nanosPerMs);

export const nowNanos = (clock: Clock): bigint => BigInt(clock.now()) * nanosPerMs;
