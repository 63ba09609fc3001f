export interface DemandFigures {
  readonly average: number;
  readonly deviation: number;
  readonly highest: number;
}

/** How many seats a level would use if it could, over the time since it was last asked. */
export class SeatDemand {
  #value = 0;
  #sinceMs: number;
  #startedMs: number;
  #integral = 0;
  #squares = 0;
  #highest = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#startedMs = nowMs;
  }

  set(value: number, nowMs: number): void {
    if (value === this.#value) return;
    this.#accumulate(nowMs);
    this.#value = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** The figures since the last call. */
  take(nowMs: number): DemandFigures {
    this.#accumulate(nowMs);
    const spanMs = nowMs - this.#startedMs;
    const average = spanMs > 0 ? this.#integral / spanMs : this.#value;
    const variance = spanMs > 0 ? this.#squares / spanMs - average * average : 0;
    const figures = { average, deviation: Math.sqrt(Math.max(0, variance)), highest: this.#highest };
    this.#startedMs = nowMs;
    this.#integral = 0;
    this.#squares = 0;
    this.#highest = this.#value;
    return figures;
  }

  #accumulate(nowMs: number): void {
    const spanMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    this.#integral += this.#value * spanMs;
    this.#squares += this.#value * this.#value * spanMs;
  }
}
