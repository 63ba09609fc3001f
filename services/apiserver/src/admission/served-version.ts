import type { KubeObject } from "@tskube/api";
import { formatGroupVersion, type GroupVersionResource } from "@tskube/apimachinery";
import type { Catalog } from "../resources/catalog.ts";
import type { ServedResource } from "../resources/served-resource.ts";

/** A version in which a resource is served, and how the objects of a write come into and out of it. */
export interface ServedVersion extends GroupVersionResource {
  readonly kind: string;
  /** The kind is that of a subresource (Scale, Eviction) and has a group and version of its own, which its objects name. */
  readonly isSubresourceKind?: boolean;
  /** What the write's object is in this version; may share with it. */
  show(object: KubeObject): KubeObject | Promise<KubeObject>;
  /** The way back. */
  restore(object: KubeObject): KubeObject | Promise<KubeObject>;
  /** Reads what a patch made of an object in this version, and fills in defaults; throws for what is no such object. */
  read(value: unknown): KubeObject;
}

/** What a write is of: the resource in the version that its objects are in while they are admitted. */
export type WrittenResource = GroupVersionResource;

/** Every version in which a resource is served, the write's own first. Resources that are not stored have none. */
export type FindVersions = (resource: WrittenResource) => readonly ServedVersion[];

/** Looks versions up in `catalog`; those of another group (`events`) count when they are over the same storage. */
export function findVersionsIn(catalog: Catalog): FindVersions {
  return (written) => {
    const own = catalog.find(written);
    if (!own) return [];
    const others = catalog.all().filter((one) => one !== own && isSameResource(one, own));
    return [versionOf(own, own), ...others.map((one) => versionOf(one, own))];
  };
}

/** A resource that opens when it is needed is asked for nothing but its names. */
function isSameResource(one: ServedResource, own: ServedResource): boolean {
  if (one.isLazy || own.convert) return one.info.group === own.info.group && one.info.resource === own.info.resource;
  return one.store === own.store;
}

function versionOf(served: ServedResource, own: ServedResource): ServedVersion {
  const { group, version, resource, kind } = served.info;
  const names = { group, version, resource, kind };
  const { convert } = own;
  if (served === own || !convert) return { ...names, ...builtInVersion(served) };
  return {
    ...names,
    show: (object) => convert(object, formatGroupVersion(served.info)),
    restore: (object) => convert(object, formatGroupVersion(own.info)),
    read: (value) => value as KubeObject,
  };
}

const same = (object: KubeObject) => object;

function builtInVersion({ codec, toServed = same, toStored = same }: ServedResource) {
  return {
    show: toServed,
    restore: toStored,
    read: (value: unknown) => codec.readPatched(value, [], { fieldValidation: "Ignore", warn: () => {} }),
  };
}
