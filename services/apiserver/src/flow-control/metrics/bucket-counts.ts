/** Upper bounds of durations, in seconds. */
export const durationBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30] as const;
/** Of seats that requests take. */
export const seatBounds = [1, 2, 4, 10] as const;
/** Of requests in a queue. */
export const lengthBounds = [0, 10, 25, 50, 100, 250, 500, 1_000] as const;

/** Values by size: a counter each, without the label look-up that a metric makes at every observation. */
export class BucketCounts {
  /** What is above the last bound counts in the sum alone. */
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    for (let i = 0; i < this.bounds.length; i++) {
      if (value > (this.bounds[i] as number)) continue;
      (this.counts[i] as number)++;
      return;
    }
  }
}
