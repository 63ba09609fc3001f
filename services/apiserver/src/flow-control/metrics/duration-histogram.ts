/** Upper bounds in seconds; what is longer counts in the sum alone. */
export const durationBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30] as const;

/** Durations by size: a counter each, without the label look-up that a metric makes at every observation. */
export class DurationHistogram {
  readonly counts = new Float64Array(durationBounds.length);
  sum = 0;
  count = 0;

  observe(seconds: number): void {
    this.sum += seconds;
    this.count++;
    for (let i = 0; i < durationBounds.length; i++) {
      if (seconds > (durationBounds[i] as number)) continue;
      (this.counts[i] as number)++;
      return;
    }
  }
}
