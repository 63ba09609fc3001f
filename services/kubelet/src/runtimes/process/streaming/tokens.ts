import { randomBytes } from "node:crypto";
import type { Clock } from "@tskube/base";
import { CriError } from "@tskube/cri";

const validMs = 60_000;
const maxWaiting = 1_000;

/** Permits for one streaming session each, good for a minute and once. Whoever knows a token may use it: it went over the runtime's own socket. */
export class Tokens<T> {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, { readonly value: T; readonly expiresMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(value: T): string {
    const now = this.#clock.monotonic();
    for (const [token, { expiresMs }] of this.#waiting) if (expiresMs <= now) this.#waiting.delete(token);
    if (this.#waiting.size >= maxWaiting)
      throw new CriError("RESOURCE_EXHAUSTED", "maximum number of in-flight requests exceeded");
    const token = randomBytes(16).toString("base64url");
    this.#waiting.set(token, { value, expiresMs: now + validMs });
    return token;
  }

  /** What the token stands for; undefined when it is unknown, used or too old. */
  redeem(token: string): T | undefined {
    const found = this.#waiting.get(token);
    this.#waiting.delete(token);
    return found && found.expiresMs > this.#clock.monotonic() ? found.value : undefined;
  }
}
