import type { ControllerEntry } from "./entry.ts";

export interface Selected<E> {
  readonly chosen: readonly E[];
  /** Names that no controller has. */
  readonly unknown: readonly string[];
}

/** What `--controllers` means: the names given, or with `*` all that are not optional, without those that have a minus before them. */
export function selectControllers<E extends Pick<ControllerEntry, "name" | "alias" | "isOptional">>(
  wanted: readonly string[],
  entries: readonly E[],
): Selected<E> {
  const known = new Set(entries.flatMap(({ name, alias }) => [name, alias]));
  const isNamed = (entry: E, sign: string) => wanted.includes(sign + entry.name) || wanted.includes(sign + entry.alias);
  const hasAll = wanted.includes("*");
  return {
    chosen: entries.filter((entry) => isNamed(entry, "") || (hasAll && !entry.isOptional && !isNamed(entry, "-"))),
    unknown: wanted.filter((name) => name !== "*" && !known.has(name.replace(/^-/, ""))),
  };
}
