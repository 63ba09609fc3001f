import { type GroupInfo, type KubeObject, type ResourceInfo, typeNameOf } from "@tskube/api";
import { formatGroupResource, formatGroupVersion } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import type { Store } from "@tskube/store";
import { checksOfNew, createStrategies, plainStrategy, type StrategyDeps } from "../kinds/index.ts";
import type { AdmissionChain } from "../registry/admission-chain.ts";
import { builtInFieldManagement, fieldManagementIn } from "../registry/field-management.ts";
import { ResourceStore } from "../registry/resource-store.ts";
import type { Strategy } from "../registry/strategy.ts";
import { Broadcaster } from "../watch-cache/broadcaster.ts";
import type { Describe } from "../watch-cache/entry.ts";
import type { SharedHistory } from "../watch-cache/shared-history.ts";
import { WatchCache } from "../watch-cache/watch-cache.ts";
import { builtInCodec } from "./built-in-codec.ts";
import { Catalog } from "./catalog.ts";
import { conversionTo } from "./conversions.ts";
import type { ServedResource } from "./served-resource.ts";
import { createRules, mainRules } from "./status-rules.ts";

export interface OpenDeps extends StrategyDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admission: AdmissionChain;
  readonly history: SharedHistory;
  readonly onWatchEvents: (info: ResourceInfo, events: number) => void;
  /** The built-in groups, as far as they are served. */
  readonly builtIn: readonly GroupInfo[];
}

/** Builds every built-in resource that is served and stored. Nothing runs yet. */
export function openResources(deps: OpenDeps): Catalog {
  const catalog = new Catalog();
  const isStored = (info: ResourceInfo) => info.storage !== undefined && info.servedByDefault;
  const all = deps.builtIn.flatMap(({ versions }) => versions.flatMap((version) => version.resources)).filter(isStored);
  const strategies = createStrategies(deps);
  for (const info of all.filter(isStorageVersion)) {
    catalog.add(openStored(deps, info, strategies[formatGroupResource(info)] ?? plainStrategy));
  }
  for (const info of all.filter((one) => !isStorageVersion(one))) {
    const { group = "", version = "" } = info.storage ?? {};
    const stored = catalog.find({ group, version, resource: info.resource });
    if (stored) catalog.add({ ...stored, info, ...builtIn(info), ...servedAs(info, stored.info) });
  }
  return catalog;
}

function isStorageVersion({ group, version, storage }: ResourceInfo): boolean {
  return storage?.group === group && storage.version === version;
}

function builtIn(info: ResourceInfo) {
  const type = typeNameOf(info);
  if (!type) throw new Error(`no schema for ${info.kind} in ${formatGroupVersion(info)}`);
  return { codec: builtInCodec(info, type) };
}

/** What is different about a version that is not the stored one. */
function servedAs(info: ResourceInfo, stored: ResourceInfo) {
  const conversion = conversionTo(info, stored);
  const own = builtInFieldManagement(builtIn(info).codec.type, hasStatus(info));
  const { toServed } = conversion;
  const checkNew = checksOfNew[formatGroupResource(info)];
  return {
    ...conversion,
    fields: fieldManagementIn({ apiVersion: formatGroupVersion(info), toServed }, own),
    ...(checkNew && { checkNew }),
  };
}

function hasStatus({ subresources }: ResourceInfo): boolean {
  return subresources.some(({ name }) => name === "status");
}

function openStored(deps: OpenDeps, info: ResourceInfo, own: Strategy): ServedResource {
  const { codec } = builtIn(info);
  const strategy: Strategy = hasStatus(info) ? { ...own, ...mainRules(own), ...createRules(own, codec.type) } : own;
  const cache = new WatchCache(deps, {
    prefix: `/registry/${info.group || "core"}/${info.resource}/`,
    describe: describerOf(own),
    indexedFields: own.indexedFields ?? [],
  });
  const broadcaster = new Broadcaster({
    clock: deps.clock,
    refresh: () => cache.fresh(refreshMs).catch(() => false),
    onDelivered: (events) => deps.onWatchEvents(info, events),
  });
  cache.listen(broadcaster);
  const { store, clock, admission } = deps;
  const fields = builtInFieldManagement(codec.type, hasStatus(info));
  const selectable = new Set(["metadata.name", "metadata.namespace", ...Object.keys(own.selectableFields ?? {})]);
  return {
    info,
    codec,
    cache,
    broadcaster,
    strategy,
    store: new ResourceStore({ store, clock, admission, fields }, info, strategy, cache),
    isSelectable: (field) => selectable.has(field),
  };
}

const refreshMs = 3_000;
const noLabels: Readonly<Record<string, string>> = Object.freeze({});

function describerOf({ selectableFields = {} }: Strategy): Describe {
  const readers = Object.entries(selectableFields);
  return (object: KubeObject) => {
    const { name, namespace = "", labels } = object.metadata;
    const fields: Record<string, string> = { "metadata.name": name, "metadata.namespace": namespace };
    for (const [field, read] of readers) fields[field] = read(object);
    return { labels: labels ?? noLabels, fields };
  };
}
