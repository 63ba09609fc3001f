export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Growth per failure; 2 when absent. */
  readonly factor?: number;
  /** Adds up to this share of the delay at random, so that clients do not retry in step; 0 when absent. */
  readonly jitter?: number;
  /** Uniform in [0, 1); `Math.random` when absent. */
  readonly random?: () => number;
}

/** The delay before retry number `failures` (1 for the first). */
export function backoffMs(failures: number, options: BackoffOptions): number {
  const grown = options.baseMs * (options.factor ?? 2) ** Math.max(0, failures - 1);
  const capped = Math.min(grown, options.maxMs);
  return capped * (1 + (options.jitter ?? 0) * (options.random ?? Math.random)());
}
