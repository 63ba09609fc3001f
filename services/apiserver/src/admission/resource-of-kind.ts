import type { GroupVersionKind } from "@tskube/apimachinery";
import type { Catalog } from "../resources/catalog.ts";

export interface ResourceOfKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

/** The stored resource that has a kind, in whatever version it is named; undefined when none is served. */
export type FindResourceOfKind = (kind: GroupVersionKind) => ResourceOfKind | undefined;

export function findResourceOfKindIn(catalog: Catalog): FindResourceOfKind {
  return ({ group, version, kind }) =>
    catalog.all().find(({ info }) => info.group === group && info.version === version && info.kind === kind)?.info;
}
