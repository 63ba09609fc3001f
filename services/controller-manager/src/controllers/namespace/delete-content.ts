import type { KubeObject } from "@tskube/api";
import { isMethodNotSupported, isNotFound } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Client, ResourceClient } from "@tskube/client";
import { type DiscoveredResource, type Discovery, supports } from "../../discovery/discover.ts";
import type { Content } from "./conditions.ts";

/** Kinds asked about at once. */
const parallel = 8;

/**
 * Deletes all that is in a namespace. Pods go first, and only when none is left the rest: what protects or serves them (network policies, secrets)
 * must outlive them.
 */
export async function deleteContent(
  client: Client,
  namespace: string,
  { resources, failed }: Discovery,
  signal: AbortSignal,
): Promise<Content> {
  const errors: string[] = [];
  const remaining = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const wanted = resources.filter((one) => one.namespaced && supports(one, "list", "delete"));
  const isPods = ({ group, resource }: DiscoveredResource) => group === "" && resource === "pods";
  await emptyAll(wanted.filter(isPods));
  if (remaining.size === 0 && errors.length === 0) await emptyAll(wanted.filter((one) => !isPods(one)));
  return { failedGroups: failed, errors, remaining, finalizers };

  async function emptyAll(list: readonly DiscoveredResource[]): Promise<void> {
    const left = [...list];
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        for (let one = left.shift(); one && !signal.aborted; one = left.shift()) await empty(one);
      }),
    );
  }

  async function empty(resource: DiscoveredResource): Promise<void> {
    try {
      const objects = client.resource<KubeObject>(resource, namespace);
      const found = await objects.list({ signal });
      if (found.items.length === 0) return;
      await remove(objects, resource, found.items);
      count(resource, (await objects.list({ signal })).items);
    } catch (error) {
      // A resource that is announced but not served, or gone meanwhile, has no content.
      if (!isNotFound(error) && !isMethodNotSupported(error))
        errors.push(`failed to delete ${resource.resource}.${resource.group}: ${errorMessage(error)}`);
    }
  }

  async function remove(
    objects: ResourceClient<KubeObject>,
    resource: DiscoveredResource,
    found: readonly KubeObject[],
  ) {
    if (supports(resource, "deletecollection"))
      return objects.deleteCollection({ propagationPolicy: "Background", signal });
    for (const { metadata } of found) {
      await objects.delete(metadata.name, { propagationPolicy: "Background", signal }).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  function count({ resource, group }: DiscoveredResource, left: readonly KubeObject[]): void {
    if (left.length === 0) return;
    remaining.set(`${resource}.${group}`, left.length);
    for (const name of left.flatMap(({ metadata }) => metadata.finalizers ?? []))
      finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
}
