const maxSeconds = 32;
/** Refusals a second that show that clients come back too early. */
const manyPerSecond = 3;

/**
 * How long the clients of one level are asked to wait before they come again: longer while many are still refused, shorter when few are.
 * Looked at once in each such span.
 */
export class RetryAfter {
  #seconds = 1;
  #sinceMs: number;
  #refused = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Notes a refusal; returns what to tell the client. */
  refuse(nowMs: number): number {
    this.#update(nowMs);
    this.#refused++;
    return this.#seconds;
  }

  #update(nowMs: number): void {
    const spanSeconds = (nowMs - this.#sinceMs) / 1000;
    if (spanSeconds < this.#seconds) return;
    const perSecond = this.#refused / spanSeconds;
    if (perSecond >= manyPerSecond * this.#seconds) this.#seconds = Math.min(maxSeconds, this.#seconds * 2);
    else if (perSecond < this.#seconds) this.#seconds = Math.max(1, this.#seconds - 1);
    this.#sinceMs = nowMs;
    this.#refused = 0;
  }
}
