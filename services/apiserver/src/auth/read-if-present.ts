import type { KubeObject } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import type { GroupResource, LocalObjects } from "../registry/objects.ts";

/** The object as the store has it, or undefined if there is none: for when the cache may be behind. */
export async function readIfPresent<T extends KubeObject>(
  objects: LocalObjects,
  resource: GroupResource,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  try {
    return await objects.get<T>(resource, namespace, name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
