import { ArrayList, EntryMap } from "../values/index.ts";

/** A list that a loop is still making: adding to it changes it. */
export class GrowingList extends ArrayList {}

/** A map that a loop is still making. */
export class GrowingMap extends EntryMap {}
