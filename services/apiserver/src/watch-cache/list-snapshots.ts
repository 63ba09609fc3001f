import type { Clock } from "@tskube/base";
import type { Entry } from "./entry.ts";
import { lowerBound } from "./sorted-entries.ts";

interface Snapshot {
  readonly entries: readonly Entry[];
  readonly keptAtMs: number;
}

/** Pages follow each other closely; who comes later is served from the store. */
const keptForMs = 60_000;
/** A snapshot holds a reference per object, and objects that have gone since. */
const maxSnapshots = 8;

/** Lists of which a first page was given, so that the pages after it come from memory in the state of the first. */
export class ListSnapshots {
  readonly #clock: Clock;
  readonly #snapshots = new Map<string, Snapshot>();
  #cancelForgetting: (() => void) | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps all objects of a namespace (empty: of all), in the order of their keys, as they are at `revision`. */
  keep(namespace: string, revision: number, entries: readonly Entry[]): void {
    if (this.#isClosed) return;
    this.#forgetOld();
    const key = keyOf(namespace, revision);
    this.#snapshots.delete(key);
    this.#snapshots.set(key, { entries, keptAtMs: this.#clock.monotonic() });
    const oldest = this.#snapshots.keys().next();
    if (this.#snapshots.size > maxSnapshots && !oldest.done) this.#snapshots.delete(oldest.value);
    this.#forgetLater();
  }

  get size(): number {
    return this.#snapshots.size;
  }

  /** Lets go of everything and keeps nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#snapshots.clear();
    this.#cancelForgetting?.();
    this.#cancelForgetting = undefined;
  }

  /** Also when nobody asks again: a snapshot holds objects that may be long gone. */
  #forgetLater(): void {
    this.#cancelForgetting ??= this.#clock.after(keptForMs, () => {
      this.#cancelForgetting = undefined;
      this.#forgetOld();
      if (this.#snapshots.size > 0) this.#forgetLater();
    });
  }

  /** What was kept at `revision` from the first key not below `start` on; undefined when it was not, or too long ago. */
  from(namespace: string, revision: number, start: string): readonly Entry[] | undefined {
    this.#forgetOld();
    const entries = this.#snapshots.get(keyOf(namespace, revision))?.entries;
    return entries?.slice(lowerBound(entries, start));
  }

  #forgetOld(): void {
    const limitMs = this.#clock.monotonic() - keptForMs;
    for (const [key, { keptAtMs }] of this.#snapshots) {
      if (keptAtMs > limitMs) break; // the order of the map is that of time
      this.#snapshots.delete(key);
    }
  }
}

function keyOf(namespace: string, revision: number): string {
  return `${revision}/${namespace}`;
}
