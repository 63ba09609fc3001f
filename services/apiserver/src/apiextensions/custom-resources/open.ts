import type { apiextensionsV1, KubeObject, ResourceInfo } from "@tskube/api";
import type { Clock, Logger } from "@tskube/base";
import type { Store } from "@tskube/store";
import type { AdmissionChain } from "../../registry/admission-chain.ts";
import { ResourceStore } from "../../registry/resource-store.ts";
import type { Strategy } from "../../registry/strategy.ts";
import type { ServedResource } from "../../resources/served-resource.ts";
import { Broadcaster } from "../../watch-cache/broadcaster.ts";
import type { Describe } from "../../watch-cache/entry.ts";
import { WatchCache } from "../../watch-cache/watch-cache.ts";
import type { JsonMap } from "../schema/structure.ts";
import { customCodec, settle } from "./codec.ts";
import { type Converter, storedConversion } from "./conversion.ts";
import { convertingStore } from "./converting-store.ts";
import { customJsonEncoding } from "./encoding.ts";
import { customFieldManagement } from "./fields.ts";
import { replicaAccess } from "./replicas.ts";
import { customStrategy } from "./strategy.ts";
import { type CustomVersion, customVersion } from "./version.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export interface OpenCustomDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admission: AdmissionChain;
  readonly onWatchEvents: (info: ResourceInfo, events: number) => void;
}

/** A version of a custom resource and the store as it sees it. */
export interface OpenedVersion {
  readonly served: ServedResource;
  readonly store: Store;
}

/**
 * Makes what serves the versions of a definition, each when it is asked for. A version has a cache of its own, over the store as that version sees it;
 * nothing runs yet.
 */
export function versionOpener(
  definition: Definition,
  convert: Converter,
  deps: OpenCustomDeps,
): (version: string) => OpenedVersion {
  const all = definition.spec.versions.map((version) => customVersion(definition, version));
  const byApiVersion = new Map(all.map((custom) => [custom.apiVersion, custom]));
  const stored = all.find(({ version }) => version.storage);
  if (!stored) throw new Error(`no storage version in ${definition.metadata.name}`);
  return (name) => {
    const custom = all.find(({ version }) => version.name === name);
    if (!custom) throw new Error(`no version ${name} in ${definition.metadata.name}`);
    const store = convertingStore(deps.store, storedConversion(custom, stored, byApiVersion, convert));
    const served = openServed(custom, byApiVersion, { ...deps, store });
    return { store, served: { ...served, convert: conversionOf(byApiVersion, convert) } };
  };
}

/** Brings objects into another version, as a store would give them in it. */
function conversionOf(
  versions: ReadonlyMap<string, CustomVersion>,
  convert: Converter,
): NonNullable<ServedResource["convert"]> {
  return async (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object;
    const version = versions.get(apiVersion);
    const [converted] = await convert([object as KubeObject & JsonMap], apiVersion);
    if (!version || !converted) throw new Error(`no version ${apiVersion} of ${object.kind}`);
    return settle({ ...converted }, version);
  };
}

function openServed(
  custom: CustomVersion,
  versions: ReadonlyMap<string, CustomVersion>,
  deps: OpenCustomDeps,
): ServedResource {
  const { info, version } = custom;
  const strategy = customStrategy(custom);
  const cache = new WatchCache(deps, {
    prefix: `/registry/${info.group}/${info.resource}/`,
    describe: describer(strategy),
    indexedFields: [],
  });
  const broadcaster = new Broadcaster({
    clock: deps.clock,
    refresh: () => cache.fresh(refreshMs).catch(() => false),
    onDelivered: (events) => deps.onWatchEvents(info, events),
  });
  cache.listen(broadcaster);
  const selectable = new Set(["metadata.name", "metadata.namespace", ...Object.keys(strategy.selectableFields ?? {})]);
  const { store, clock, admission } = deps;
  const fields = customFieldManagement(custom, versions);
  const scale = version.subresources?.scale;
  return {
    info,
    codec: customCodec(custom),
    cache,
    broadcaster,
    strategy,
    store: new ResourceStore({ store, clock, admission, fields }, info, strategy, cache),
    customJson: customJsonEncoding(info, custom.apiVersion),
    ...(scale && { replicas: replicaAccess(scale) }),
    isSelectable: (name) => selectable.has(name),
  };
}

const refreshMs = 3_000;
const noLabels: Readonly<Record<string, string>> = Object.freeze({});

function describer({ selectableFields = {} }: Strategy): Describe {
  const readers = Object.entries(selectableFields);
  return (object: KubeObject) => {
    const { name, namespace = "", labels } = object.metadata;
    const fields: Record<string, string> = { "metadata.name": name, "metadata.namespace": namespace };
    for (const [name, read] of readers) fields[name] = read(object);
    return { labels: labels ?? noLabels, fields };
  };
}
