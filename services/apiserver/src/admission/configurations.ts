import type { KubeObject } from "@tskube/api";
import type { GroupResource, LocalObjects } from "../registry/objects.ts";

/** What objects were compiled to, in the order of their names. */
export interface Configurations<T> {
  all(): readonly T[];
  /** Stops following the objects. */
  close(): void;
}

/** Follows a cluster-scoped resource; each object is compiled once for every change of it, when it is next asked for. */
export function followConfigurations<O extends KubeObject, T>(
  objects: LocalObjects,
  resource: GroupResource,
  compile: (object: O) => T,
): Configurations<T> {
  const known = new Map<string, { readonly object: O; compiled?: { readonly value: T } }>();
  let sorted: readonly T[] | undefined = [];
  const close = objects.reader<O>(resource).subscribe((change) => {
    const { name } = change.object.metadata;
    if (change.type === "DELETED") known.delete(name);
    else known.set(name, { object: change.object });
    sorted = undefined;
  });
  return {
    close,
    all() {
      sorted ??= [...known.keys()].sort().flatMap((name) => {
        const entry = known.get(name);
        if (!entry) return [];
        entry.compiled ??= { value: compile(entry.object) };
        return [entry.compiled.value];
      });
      return sorted;
    },
  };
}
