import type { EventType } from "./cache-event.ts";
import type { Entry } from "./entry.ts";

export interface ListPosition {
  readonly revision: number;
  /** Where the next page begins, as the client will send it back. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** One way to write objects of a resource: a media type, a version of the API, a shape (the object, its metadata, a table). */
export interface Encoding {
  /** Encodings with equal keys write equal bytes. */
  readonly key: string;
  readonly mediaType: string;
  /** The media type of a stream of watch events. */
  readonly streamMediaType: string;
  object(entry: Entry): Buffer;
  /** The parts of a whole list, to be sent one after the other. */
  list(entries: readonly Entry[], position: ListPosition): readonly Buffer[];
  /** The parts of one watch event. */
  event(type: EventType, entry: Entry): readonly Buffer[];
  /** `endsInitialEvents` marks the state that the watch began with as complete. */
  bookmark(revision: number, endsInitialEvents: boolean): Buffer;
  /** A watch event that ends the watch with a Status. */
  error(status: object): Buffer;
}
