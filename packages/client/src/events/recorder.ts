import type { Event, KubeObject, ObjectReference } from "@tskube/api";
import { findStatusError, isNotFound } from "@tskube/apimachinery";
import { aborted, type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { Client } from "../client.ts";
import { type Correlated, EventCorrelator } from "./correlator.ts";
import { type EventSourceInfo, type EventType, makeEvent, referenceTo } from "./event.ts";

/** Tells people what happens to objects. Never throws, never waits: what cannot be written is dropped. */
export interface EventRecorder {
  normal(about: KubeObject, reason: string, message: string): void;
  warn(about: KubeObject, reason: string, message: string): void;
  /** About a part of an object, or about one that is known by reference only. */
  record(about: ObjectReference, type: EventType, reason: string, message: string): void;
}

export interface RunningRecorder extends EventRecorder {
  /** Resolves when all recorded so far has been written or given up, or `signal` aborts. */
  flush(signal?: AbortSignal): Promise<void>;
  /** Stops writing; what is queued is dropped. */
  close(): void;
}

export interface RecorderOptions {
  readonly client: Client;
  readonly source: EventSourceInfo;
  readonly clock: Clock;
  readonly logger: Logger;
}

const queueLimit = 1000;
/** client-go's patience with a server that cannot be reached. */
const maxTries = 12;
const retryMs = 10_000;

/** Starts a recorder of core/v1 events, as kubelet and controllers write them. */
export function startEventRecorder(options: RecorderOptions): RunningRecorder {
  const { client, source, clock, logger } = options;
  const correlator = new EventCorrelator(clock);
  const queue: Event[] = [];
  const stop = new AbortController();
  let draining: Promise<void> | undefined;
  let sequence = 0;

  const self: RunningRecorder = {
    normal: (about, reason, message) => self.record(referenceTo(about), "Normal", reason, message),
    warn: (about, reason, message) => self.record(referenceTo(about), "Warning", reason, message),
    record(about, type, reason, message) {
      if (stop.signal.aborted) return;
      if (queue.length >= queueLimit) {
        logger.warn({ reason, name: about.name }, "too many events are waiting, dropping one");
        return;
      }
      const nowMs = clock.now();
      queue.push(makeEvent(about, { type, reason, message }, source, nowMs, uniquePart(nowMs)));
      draining ??= drain().finally(() => {
        draining = undefined;
      });
    },
    async flush(signal) {
      const ended = draining ?? Promise.resolve();
      if (!signal) return ended;
      await Promise.race([ended, aborted(signal)]);
    },
    close() {
      stop.abort();
      queue.length = 0;
    },
  };
  return self;

  /** One at a time and in order: a count must not overtake the creation it belongs to. */
  async function drain(): Promise<void> {
    await Promise.resolve(); // never within the caller's own turn
    for (let event = queue.shift(); event && !stop.signal.aborted; event = queue.shift()) {
      const correlated = correlator.correlate(event);
      if (correlated.kind !== "drop") await writePatiently(correlated);
    }
  }

  async function writePatiently(correlated: Exclude<Correlated, { kind: "drop" }>): Promise<void> {
    for (let tries = 1; !stop.signal.aborted; tries++) {
      try {
        correlator.stored(correlated.key, await write(correlated));
        return;
      } catch (error) {
        // An answer is final (a namespace that is going, a missing right); silence may pass.
        const isFinal = findStatusError(error) !== undefined || tries >= maxTries;
        logger.debug(
          { reason: correlated.event.reason, tries, error: errorMessage(error) },
          isFinal ? "event given up" : "cannot write event yet",
        );
        if (isFinal) return;
        await sleep(clock, retryMs, stop.signal);
      }
    }
  }

  async function write({ kind, event }: Exclude<Correlated, { kind: "drop" }>): Promise<Event> {
    const events = client.events(event.metadata.namespace);
    const call = { signal: stop.signal };
    if (kind === "create") return events.create(event, call);
    const { count, lastTimestamp, message } = event;
    try {
      return await events.patch(event.metadata.name, { count, lastTimestamp, message }, call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const { name, namespace } = event.metadata; // expired meanwhile: starts anew, with the count it has
      return events.create({ ...event, metadata: { name, ...(namespace && { namespace }) } }, call);
    }
  }

  /** Upstream's names end in the nanoseconds; ours has a sequence number below the milliseconds. */
  function uniquePart(nowMs: number): string {
    sequence = (sequence + 1) % 1_000_000;
    return (BigInt(nowMs) * 1_000_000n + BigInt(sequence)).toString(16);
  }
}

/** Says nothing: for programs and tests that do not care. */
export const silentRecorder: EventRecorder = { normal() {}, warn() {}, record() {} };
