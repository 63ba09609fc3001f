import { Counter, type MetricsRegistry } from "@tskube/base";

/**
 * A pod's token that lives longer than it was asked for is `valid` until it should have been read anew, and `stale` from then on; a `legacy` one is from a
 * Secret. Other tokens are not counted.
 */
export type TokenUse = "valid" | "stale" | "legacy";

/** Counts uses of tokens under upstream's names: stale and legacy ones are signs of clients that have to change. */
export function tokenMetrics(registry: MetricsRegistry): (use: TokenUse) => void {
  const counter = (use: TokenUse, help: string) =>
    new Counter({ name: `serviceaccount_${use}_tokens_total`, help, registers: [registry] });
  const counters = {
    valid: counter("valid", "Cumulative valid projected service account tokens used"),
    stale: counter("stale", "Cumulative stale projected service account tokens used"),
    legacy: counter("legacy", "Cumulative legacy service account tokens used"),
  };
  return (use) => counters[use].inc();
}
