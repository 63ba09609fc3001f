import { setMaxListeners } from "node:events";
import type { apiextensionsV1, ResourceInfo } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import { apiserverUser } from "../../auth/user.ts";
import type { WriteScope } from "../../registry/write-scope.ts";
import type { Route } from "../../resources/router.ts";
import { isTrue } from "../definitions/conditions.ts";
import { anything, type Schema } from "../schema/structure.ts";
import type { Converter } from "./conversion.ts";
import { customRoute } from "./custom-route.ts";
import { type OpenCustomDeps, type OpenedVersion, versionOpener } from "./open.ts";
import { schemaOfVersion, summarize, type VersionSummary } from "./version.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

/** Where resources are registered while they are served. */
export interface ServingPlace {
  /** `open` is called when the resource is first asked for; `draining` ends its watches. */
  add(info: ResourceInfo, open: () => OpenedVersion, draining: AbortSignal, wrap: (route: Route) => Route): () => void;
}

export interface CustomResourcesDeps extends OpenCustomDeps {
  readonly place: ServingPlace;
  /** The definition as it is now; definitions are large, so they are not kept here. */
  readonly definitionOf: (name: string) => Definition | undefined;
  readonly converterOf: (definition: Definition) => Converter;
}

/** A version that is served, as documents are made of it. */
export interface PublishedVersion extends VersionSummary {
  schema(): Schema;
}

interface Serving {
  key: string;
  readonly versions: readonly VersionSummary[];
  isTerminating: boolean;
  /** The versions that somebody asked for. */
  open(version: string): OpenedVersion;
  stop(): Promise<void>;
}

/** The custom resources that are served: follows their definitions without a restart. */
export class CustomResources {
  readonly #deps: CustomResourcesDeps;
  readonly #serving = new Map<string, Serving>();
  readonly #stopping = new Set<Promise<void>>();
  #infos: readonly ResourceInfo[] | undefined;

  constructor(deps: CustomResourcesDeps) {
    this.#deps = deps;
  }

  /** What is served, for discovery; a new list whenever it changes. */
  get infos(): readonly ResourceInfo[] {
    this.#infos ??= [...this.#serving.values()].flatMap(({ versions, isTerminating }) =>
      versions
        .filter(({ isServed }) => isServed)
        .map(({ info }) =>
          isTerminating ? { ...info, verbs: info.verbs.filter((verb) => !fillingVerbs.has(verb)) } : info,
        ),
    );
    return this.#infos;
  }

  get versions(): readonly PublishedVersion[] {
    return [...this.#serving].flatMap(([name, { versions }]) =>
      versions
        .filter(({ isServed }) => isServed)
        .map((version) => ({ ...version, schema: () => this.#schemaOf(name, version) })),
    );
  }

  /** Serves what the definition says now. Requests that come after it returns find the resource. */
  follow(definition: Definition): void {
    const { name } = definition.metadata;
    if (!isTrue(definition, "Established")) {
      this.forget(name);
      return;
    }
    const isTerminating = definition.metadata.deletionTimestamp !== undefined;
    const serving = this.#serving.get(name);
    // To be marked for deletion counts as a generation, but is served as before.
    if (serving && (serving.key === keyOf(definition) || isTerminating !== serving.isTerminating)) {
      if (isTerminating !== serving.isTerminating) this.#infos = undefined;
      Object.assign(serving, { key: keyOf(definition), isTerminating });
      return;
    }
    this.forget(name);
    const versions = definition.spec.versions.map((version) => summarize(definition, version));
    this.#serving.set(name, this.#start(name, { key: keyOf(definition), versions, isTerminating }));
    this.#infos = undefined;
  }

  forget(name: string): void {
    const serving = this.#serving.get(name);
    if (!serving) return;
    this.#serving.delete(name);
    const stopped = serving.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
    this.#infos = undefined;
  }

  /** Deletes every object of the resource that is not being deleted yet; returns how many are still there. */
  async deleteObjects(name: string, signal: AbortSignal): Promise<number> {
    const serving = this.#serving.get(name);
    const stored = serving?.versions.find(({ isStored }) => isStored);
    if (!serving || !stored) return 0;
    const { cache, store } = serving.open(stored.info.version).served;
    await cache.fresh(freshMs);
    for (const { namespace, object } of cache.list()) {
      if (object.metadata.deletionTimestamp) continue;
      await store.delete(ownScope(namespace, signal), object.metadata.name, {}).catch(ignoreMissing);
    }
    await cache.fresh(freshMs);
    return cache.size;
  }

  async close(): Promise<void> {
    for (const name of [...this.#serving.keys()]) this.forget(name);
    await Promise.all(this.#stopping);
  }

  /** Is given no definition: what it makes lives long, and would hold it for as long. */
  #start(name: string, summary: Pick<Serving, "key" | "versions" | "isTerminating">): Serving {
    const { versions } = summary;
    const stopping = new AbortController();
    setMaxListeners(0, stopping.signal);
    const opened = new Map<string, OpenedVersion>();
    const running: Promise<void>[] = [];
    let opener: ReturnType<typeof versionOpener> | undefined;
    const serving: Serving = {
      ...summary,
      open: (version) => {
        const known = opened.get(version);
        if (known) return known;
        opener ??= this.#openerOf(name);
        const made = opener(version);
        opened.set(version, made);
        running.push(made.served.cache.run(stopping.signal));
        return made;
      },
      async stop() {
        for (const remove of removals) remove();
        stopping.abort();
        await Promise.all(running);
      },
    };
    const removals = versions
      .filter(({ isServed }) => isServed)
      .map((version) =>
        this.#deps.place.add(
          version.info,
          () => serving.open(version.info.version),
          stopping.signal,
          (route) => customRoute(route, version, () => serving.isTerminating),
        ),
      );
    return serving;
  }

  #openerOf(name: string): ReturnType<typeof versionOpener> {
    const definition = this.#definitionOf(name);
    return versionOpener(definition, this.#deps.converterOf(definition), this.#deps);
  }

  /** Documents take their time: a version that went meanwhile is in none of the next ones. */
  #schemaOf(name: string, { info }: VersionSummary): Schema {
    const definition = this.#deps.definitionOf(name);
    const version = definition?.spec.versions.find((one) => one.name === info.version);
    return definition && version ? schemaOfVersion(definition, version) : anything;
  }

  #definitionOf(name: string): Definition {
    const definition = this.#deps.definitionOf(name);
    if (!definition) throw new Error(`no definition ${name}`);
    return definition;
  }
}

const freshMs = 10_000;
/** Verbs that discovery does not offer while the resource is emptied. */
const fillingVerbs: ReadonlySet<string> = new Set(["create", "update", "patch"]);

/** Equal for definitions that are served in the same way: conditions and labels may differ. */
function keyOf({ metadata, status }: Definition): string {
  return JSON.stringify([metadata.uid, metadata.generation, status?.acceptedNames]);
}

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

function ownScope(namespace: string, signal: AbortSignal): WriteScope {
  return {
    namespace,
    user: apiserverUser,
    dryRun: false,
    fieldManager: "kube-apiserver",
    options: {},
    signal,
    warn: () => {},
    annotate: () => {},
  };
}
