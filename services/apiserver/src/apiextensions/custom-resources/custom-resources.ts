import { setMaxListeners } from "node:events";
import type { apiextensionsV1, ResourceInfo } from "@tskube/api";
import { deepEqual, unsupportedMediaType } from "@tskube/apimachinery";
import type { Store } from "@tskube/store";
import { apiserverUser } from "../../auth/user.ts";
import type { WriteScope } from "../../registry/write-scope.ts";
import { bodyType } from "../../resources/read-body.ts";
import type { Route } from "../../resources/router.ts";
import type { ServedResource } from "../../resources/served-resource.ts";
import { isTrue } from "../definitions/conditions.ts";
import type { Converter } from "./conversion.ts";
import { type OpenCustomDeps, type OpenedVersion, openVersions } from "./open.ts";
import type { CustomVersion } from "./version.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

/** Where resources are registered while they are served. */
export interface ServingPlace {
  /** `draining` ends the resource's watches. */
  add(resource: ServedResource, store: Store, draining: AbortSignal, wrap: (route: Route) => Route): () => void;
}

export interface CustomResourcesDeps extends Omit<OpenCustomDeps, "isTerminating" | "convert"> {
  readonly place: ServingPlace;
  readonly converterOf: (definition: Definition) => Converter;
}

interface Serving {
  definition: Definition;
  readonly versions: readonly OpenedVersion[];
  stop(): Promise<void>;
}

/** The custom resources that are served: follows their definitions without a restart. */
export class CustomResources {
  readonly #deps: CustomResourcesDeps;
  readonly #serving = new Map<string, Serving>();
  readonly #stopping = new Set<Promise<void>>();
  #infos: readonly ResourceInfo[] = [];

  constructor(deps: CustomResourcesDeps) {
    this.#deps = deps;
  }

  /** What is served, for discovery; a new list whenever it changes. */
  get infos(): readonly ResourceInfo[] {
    return this.#infos;
  }

  get versions(): readonly CustomVersion[] {
    return [...this.#serving.values()].flatMap(({ versions }) => versions.map(({ custom }) => custom));
  }

  /** Serves what the definition says now. Requests that come after it returns find the resource. */
  follow(definition: Definition): void {
    const { name } = definition.metadata;
    const serving = this.#serving.get(name);
    if (!isTrue(definition, "Established")) {
      this.forget(name);
      return;
    }
    if (serving && isSame(serving.definition, definition)) {
      serving.definition = definition;
      return;
    }
    this.forget(name);
    this.#serving.set(name, this.#start(definition));
    this.#changed();
  }

  forget(name: string): void {
    const serving = this.#serving.get(name);
    if (!serving) return;
    this.#serving.delete(name);
    const stopped = serving.stop().finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
    this.#changed();
  }

  /** Deletes every object of the resource that is not being deleted yet; returns how many are still there. */
  async deleteObjects(name: string, signal: AbortSignal): Promise<number> {
    const stored = this.#serving.get(name)?.versions.at(-1)?.served;
    if (!stored) return 0;
    await stored.cache.fresh(freshMs);
    for (const { namespace, object } of stored.cache.list()) {
      if (object.metadata.deletionTimestamp) continue;
      await stored.store.delete(ownScope(namespace, signal), object.metadata.name, {}).catch(ignoreMissing);
    }
    await stored.cache.fresh(freshMs);
    return stored.cache.size;
  }

  async close(): Promise<void> {
    for (const name of [...this.#serving.keys()]) this.forget(name);
    await Promise.all(this.#stopping);
  }

  #changed(): void {
    this.#infos = [...this.#serving.values()].flatMap(({ versions }) => versions.map(({ custom }) => custom.info));
  }

  #start(definition: Definition): Serving {
    const stopping = new AbortController();
    setMaxListeners(0, stopping.signal);
    const serving: { definition: Definition } = { definition };
    const versions = openVersions(definition, {
      ...this.#deps,
      convert: this.#deps.converterOf(definition),
      isTerminating: () => serving.definition.metadata.deletionTimestamp !== undefined,
    });
    const removals = versions.map(({ served, store, custom }) =>
      this.#deps.place.add(served, store, stopping.signal, (route) => customRoute(route, custom)),
    );
    const running = versions.map(({ served }) => served.cache.run(stopping.signal));
    return Object.assign(serving, {
      versions,
      async stop() {
        for (const remove of removals) remove();
        stopping.abort();
        await Promise.all(running);
      },
    });
  }
}

const freshMs = 10_000;

/** Whether both are served in the same way: conditions and labels may differ. */
function isSame(a: Definition, b: Definition): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    deepEqual(a.spec, b.spec) &&
    deepEqual(a.status?.acceptedNames, b.status?.acceptedNames)
  );
}

const patchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

/**
 * A route as custom resources have it: clients of deprecated versions are warned, and strategic merge patches, which need Go structs' tags,
 * are refused.
 */
function customRoute(route: Route, { version, apiVersion, info }: CustomVersion): Route {
  const warning = version.deprecated
    ? (version.deprecationWarning ?? `${apiVersion} ${info.kind} is deprecated`)
    : undefined;
  const guard =
    (handle: Route["whole"]): Route["whole"] =>
    (context) => {
      const isStrategic = bodyType(context.exchange) === "application/strategic-merge-patch+json";
      if (warning !== undefined) context.exchange.warn(warning);
      if (context.info.verb === "patch" && isStrategic) throw unsupportedMediaType(patchTypes);
      return handle(context);
    };
  const subresources = Object.entries(route.subresources).map(([name, handle]) => [name, guard(handle)] as const);
  return { ...route, whole: guard(route.whole), subresources: Object.fromEntries(subresources) };
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: number }).code !== 404) throw error;
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
