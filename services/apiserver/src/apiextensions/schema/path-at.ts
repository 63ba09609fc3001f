import { Path } from "@tskube/apimachinery";

/** Where a value stands in its object; undefined is the object itself. */
export type At = Path | undefined;

export function childAt(at: At, name: string): Path {
  return at ? at.child(name) : Path.of(name);
}

/** A map's entry, whose key may be any text. */
export function keyAt(at: At, key: string): Path {
  return at ? at.key(key) : Path.of(`[${key}]`);
}

export function indexAt(at: At, index: number): Path {
  return at ? at.index(index) : Path.of(`[${index}]`);
}

/** The path as messages of schema validation have it. */
export function bodyPath(at: At): string {
  return at?.toString() ?? "";
}
