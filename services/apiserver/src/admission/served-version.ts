import type { KubeObject } from "@tskube/api";
import type { GroupVersionResource } from "@tskube/apimachinery";
import type { Catalog } from "../resources/catalog.ts";

/** A version in which a resource is served, and how its objects come into and out of it. */
export interface ServedVersion extends GroupVersionResource {
  readonly kind: string;
  /** What the stored version's object is in this one; shares with it. */
  toServed(object: KubeObject): KubeObject;
  toStored(object: KubeObject): KubeObject;
  /** Reads what a patch made of an object in this version, and fills in defaults; throws for what is no such object. */
  read(value: unknown): KubeObject;
}

/** Every version in which a resource is served, the stored one first. Resources that are not stored have none. */
export type FindVersions = (resource: {
  readonly group: string;
  readonly resource: string;
}) => readonly ServedVersion[];

/** Looks versions up in `catalog`; those of another group (`events`) count when they are over the same storage. */
export function findVersionsIn(catalog: Catalog): FindVersions {
  return ({ group, resource }) => {
    const all = catalog.all();
    const stored = all.find(({ info, toServed }) => info.group === group && info.resource === resource && !toServed);
    if (!stored) return [];
    const same = all.filter((one) => one !== stored && !one.isLazy && one.store === stored.store);
    return [stored, ...same].map(({ info, codec, toServed, toStored }) => ({
      group: info.group,
      version: info.version,
      resource: info.resource,
      kind: info.kind,
      toServed: toServed ?? ((object) => object),
      toStored: toStored ?? ((object) => object),
      read: (value) => codec.readPatched(value, [], { fieldValidation: "Ignore", warn: () => {} }),
    }));
  };
}
