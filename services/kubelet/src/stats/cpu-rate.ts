interface Sample {
  readonly timeMs: number;
  readonly cpuNanoseconds: number;
  readonly rate: number;
}

/** Rates are taken over at least this long; readers that come sooner get the last one. */
const minIntervalMs = 5000;

/** Nanoseconds of CPU per second, from two looks at a counter. */
export class CpuRates {
  readonly #samples = new Map<string, Sample>();

  /** The rate of `key` up to now; undefined at the first look. */
  rate(key: string, timeMs: number, cpuNanoseconds: number): number | undefined {
    const last = this.#samples.get(key);
    if (last && cpuNanoseconds >= last.cpuNanoseconds && timeMs - last.timeMs < minIntervalMs)
      return last.rate >= 0 ? last.rate : undefined;
    const isComparable = last !== undefined && cpuNanoseconds >= last.cpuNanoseconds && timeMs > last.timeMs;
    const rate = isComparable
      ? Math.round(((cpuNanoseconds - last.cpuNanoseconds) / (timeMs - last.timeMs)) * 1000)
      : -1;
    this.#samples.set(key, { timeMs, cpuNanoseconds, rate });
    return rate >= 0 ? rate : undefined;
  }

  /** Drops what was not looked at: containers that are gone. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#samples.keys()) if (!keys.has(key)) this.#samples.delete(key);
  }
}
