import type { Entry } from "./entry.ts";

/** How objects are written as items of a list. */
export interface ItemForm {
  /** Forms with equal keys write equal bytes. */
  readonly key: string;
  /** One item with what separates it from others. */
  item(entry: Entry): readonly Buffer[];
  /** A run of items in one piece. */
  join(run: readonly Entry[]): Buffer;
}

/** Items in one piece, each copied. */
export function joinItems(item: ItemForm["item"]): ItemForm["join"] {
  return (run) => Buffer.concat(run.flatMap(item));
}

/** The items of a list: whole blocks of neighbours in one part each, made once until one of them changes; other objects in parts of their own. */
export function itemParts(entries: readonly Entry[], form: ItemForm): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < entries.length; ) {
    const entry = entries[at] as Entry;
    const { block } = entry;
    if (block?.standsIn(entries, at)) {
      parts.push(block.joined(form.key, form.join));
      at += block.entries.length;
    } else {
      parts.push(...form.item(entry));
      at++;
    }
  }
  return parts;
}
