import type { AuditEvent, JsonText } from "./event.ts";

/** An event on its way through the backends, encoded at most once whatever number of them write it. */
export class RecordedEvent {
  readonly event: AuditEvent;
  readonly #encode: (event: AuditEvent) => JsonText;
  #json: JsonText | undefined;

  constructor(event: AuditEvent, encode: (event: AuditEvent) => JsonText) {
    this.event = event;
    this.#encode = encode;
  }

  get json(): JsonText {
    this.#json ??= this.#encode(this.event);
    return this.#json;
  }
}

/** Takes events away. */
export interface Backend {
  /** Whether the events are safe, as far as this backend promises: false refuses a request that has only been received. Never rejects. */
  process(events: readonly RecordedEvent[]): Promise<boolean> | boolean;
  /** Writes what it still holds. */
  close(): Promise<void>;
}

/** All of several backends, at once. */
export function unionBackend(backends: readonly Backend[]): Backend {
  const [only] = backends;
  if (backends.length === 1 && only) return only;
  return {
    async process(events) {
      const results = await Promise.all(backends.map((backend) => backend.process(events)));
      return results.every(Boolean);
    },
    async close() {
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}
