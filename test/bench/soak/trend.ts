/** Sizes over time, and whether they still grow once the process has settled. */
export interface Trend {
  /** Mean of the second quarter, when caches are full. */
  readonly settled: number;
  /** Mean of the last quarter. */
  readonly last: number;
  /** How much larger the last is, as a share of the settled one. */
  readonly growth: number;
}

/** `samples` at equal distances in time; needs eight or more. */
export function trendOf(samples: readonly number[]): Trend {
  if (samples.length < 8) throw new Error(`a trend needs eight samples, not ${samples.length}`);
  const quarter = Math.floor(samples.length / 4);
  const settled = mean(samples.slice(quarter, 2 * quarter));
  const last = mean(samples.slice(-quarter));
  return { settled, last, growth: last / settled - 1 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
