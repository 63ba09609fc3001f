import type { Client, ResourceInfo } from "@tskube/client";

/** A resource that the server says it serves. */
export interface DiscoveredResource extends ResourceInfo {
  readonly verbs: readonly string[];
}

export interface Discovery {
  /** One entry per group and resource, at the version the server prefers. */
  readonly resources: readonly DiscoveredResource[];
  /** Every version of every kind, for references that name any: `apps/v1/Deployment`. */
  readonly kinds: ReadonlyMap<string, DiscoveredResource>;
  /** Groups and versions whose server does not answer. */
  readonly failed: readonly string[];
}

interface ApiGroupDiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope: string;
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
}

const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Asks the server for all it serves, in two requests. */
export async function discover({ rest }: Pick<Client, "rest">, signal?: AbortSignal): Promise<Discovery> {
  const ask = (path: string) => rest.json<ApiGroupDiscoveryList>({ method: "GET", path, accept, signal });
  const lists = await Promise.all([ask("/api"), ask("/apis")]);
  return digest(lists);
}

export function digest(lists: readonly ApiGroupDiscoveryList[]): Discovery {
  const preferred = new Map<string, DiscoveredResource>();
  const kinds = new Map<string, DiscoveredResource>();
  const failed: string[] = [];
  for (const { metadata, versions = [] } of lists.flatMap(({ items = [] }) => items)) {
    const group = metadata?.name ?? "";
    for (const { version, freshness, resources = [] } of versions) {
      const apiVersion = group === "" ? version : `${group}/${version}`;
      if (freshness === "Stale") failed.push(apiVersion);
      for (const { resource, responseKind, scope, verbs = [] } of resources) {
        const kind = responseKind?.kind ?? "";
        const found = { group, version, resource, kind, namespaced: scope === "Namespaced", verbs };
        const name = `${resource}.${group}`;
        if (!preferred.has(name)) preferred.set(name, found);
        kinds.set(`${apiVersion}/${kind}`, found);
      }
    }
  }
  return { resources: [...preferred.values()], kinds, failed };
}

export function supports(resource: DiscoveredResource, ...verbs: readonly string[]): boolean {
  return verbs.every((verb) => resource.verbs.includes(verb));
}
