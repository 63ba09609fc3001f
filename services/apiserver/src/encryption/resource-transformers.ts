import { formatGroupResource, type GroupResource, parseGroupResource } from "@tskube/apimachinery";
import { identity } from "./providers/identity.ts";
import type { Transformer } from "./transformer.ts";

/** Which resource's values are kept in which way. */
export interface ResourceTransformers {
  /** Identity for a resource that no entry names. */
  for(resource: GroupResource): Transformer;
}

export interface ResourceEntry {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group) or `*.*`. */
  readonly resources: readonly string[];
  readonly transformer: Transformer;
}

/** The first entry that names a resource or its group decides; the resource's own name is looked for before its group's, that before everything's. */
export function resourceTransformers(entries: readonly ResourceEntry[]): ResourceTransformers {
  const byName = new Map<string, Transformer>();
  for (const { resources, transformer } of entries) {
    for (const resource of resources.map(parseGroupResource)) {
      const { group } = resource;
      const isMasked = byName.has(nameOf({ group, resource: "*" })) || byName.has(everything);
      const name = nameOf(resource);
      if (!isMasked && !byName.has(name)) byName.set(name, transformer);
    }
  }
  return {
    for: (resource) =>
      byName.get(nameOf(resource)) ??
      byName.get(nameOf({ group: resource.group, resource: "*" })) ??
      byName.get(everything) ??
      identity,
  };
}

/** With its dot also where the group is the core's, as `*.` is written. */
function nameOf({ group, resource }: GroupResource): string {
  return group === "" ? `${resource}.` : formatGroupResource({ group, resource });
}

const everything = nameOf({ group: "*", resource: "*" });

/** Nothing is sealed, and what is cannot be read. */
export const unsealed: ResourceTransformers = { for: () => identity };
