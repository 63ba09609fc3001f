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
  /** The way of one of the resources that the entry means. */
  readonly transformerFor: (resource: string) => Transformer;
}

/** The first entry that names a resource or its group decides; the resource's own name is looked for before its group's, that before everything's. */
export function resourceTransformers(entries: readonly ResourceEntry[]): ResourceTransformers {
  const byName = new Map<string, ResourceEntry>();
  for (const entry of entries) {
    for (const resource of entry.resources.map(parseGroupResource)) {
      const { group } = resource;
      const isMasked = byName.has(nameOf({ group, resource: "*" })) || byName.has(everything);
      const name = nameOf(resource);
      if (!isMasked && !byName.has(name)) byName.set(name, entry);
    }
  }
  const made = new Map<string, Transformer>();
  return {
    for(resource) {
      const name = nameOf(resource);
      const known = made.get(name);
      if (known) return known;
      const entry =
        byName.get(name) ?? byName.get(nameOf({ group: resource.group, resource: "*" })) ?? byName.get(everything);
      const transformer = entry?.transformerFor(formatGroupResource(resource)) ?? identity;
      made.set(name, transformer);
      return transformer;
    },
  };
}

/** With its dot also where the group is the core's, as `*.` is written. */
function nameOf({ group, resource }: GroupResource): string {
  return group === "" ? `${resource}.` : formatGroupResource({ group, resource });
}

const everything = nameOf({ group: "*", resource: "*" });

/** Nothing is sealed, and what is cannot be read. */
export const unsealed: ResourceTransformers = { for: () => identity };
