import type { StoreEvent } from "@tskube/store";
import { type CollectDeps, collectChanges } from "./collect-changes.ts";
import type { RingLimits } from "./event-ring.ts";

interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly changes: readonly StoreEvent[];
}

const everything = "/registry/";
const limits: RingLimits = { events: 20_000, bytes: 32 * 1024 * 1024 };
/** Clients come back within seconds after a start. */
const keepMs = 30_000;

/**
 * A stretch of the store's history, read once for the many caches that are asked for theirs at the same time: each would have to read past
 * the changes of all others. It is forgotten soon after it was last of use.
 */
export class SharedHistory {
  readonly #deps: CollectDeps;
  readonly #limits: RingLimits;
  #stretch: Stretch | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #cancelForget: (() => void) | undefined;

  constructor(deps: CollectDeps, room: RingLimits = limits) {
    this.#deps = deps;
    this.#limits = room;
  }

  /** The changes of a prefix above `after`, up to and with `upTo`; undefined when they cannot be had this way. */
  read(prefix: string, after: number, upTo: number): Promise<StoreEvent[] | undefined> {
    const reading = this.#turn.then(() => this.#read(prefix, after, upTo));
    this.#turn = reading.catch(() => {}); // the next in line is not concerned
    return reading;
  }

  /** Forgets at once; it may be used again. */
  close(): void {
    this.#cancelForget?.();
    this.#stretch = undefined;
  }

  async #read(prefix: string, after: number, upTo: number): Promise<StoreEvent[] | undefined> {
    const stretch = await this.#reach(after, upTo);
    if (!stretch) return undefined;
    this.#keep(stretch);
    return stretch.changes.filter(
      ({ key, revision }) => revision > after && revision <= upTo && key.startsWith(prefix),
    );
  }

  /** A stretch that has all that is asked for, made of what is there and what is missing at its ends. */
  async #reach(after: number, upTo: number): Promise<Stretch | undefined> {
    const known = this.#stretch ?? { after: upTo, upTo, changes: [] };
    if (known.after <= after && known.upTo >= upTo) return known;
    const before = await this.#collect(after, known.after);
    const behind = before && (await this.#collect(known.upTo, upTo));
    if (!before || !behind) return undefined;
    const changes = [...before, ...known.changes, ...behind];
    if (changes.length > this.#limits.events) return undefined;
    return { after: Math.min(after, known.after), upTo: Math.max(upTo, known.upTo), changes };
  }

  async #collect(after: number, upTo: number): Promise<readonly StoreEvent[] | undefined> {
    if (after >= upTo) return [];
    return collectChanges(this.#deps, { prefix: everything, after, upTo, room: this.#limits });
  }

  #keep(stretch: Stretch): void {
    this.#stretch = stretch;
    this.#cancelForget?.();
    this.#cancelForget = this.#deps.clock.after(keepMs, () => {
      this.#stretch = undefined;
    });
  }
}
