import type { KubeObject } from "@tskube/api";
import { isAlreadyExists, isConflict, isNotFound } from "@tskube/apimachinery";
import { readIfPresent } from "../auth/read-if-present.ts";
import type { GroupResource, LocalObjects } from "../registry/objects.ts";

/** Several apiservers start at once and write the same objects; each round one of them gets on. */
const maxAttempts = 8;

/**
 * Makes `wanted` exist. `merge` tells how a present object has to change, or undefined if it is fine as it is; it may be asked
 * again with a newer object when someone else wrote in between.
 */
export async function ensure<T extends KubeObject>(
  objects: LocalObjects,
  resource: GroupResource,
  wanted: T,
  merge: (present: T) => T | undefined = () => undefined,
): Promise<void> {
  const { name, namespace = "" } = wanted.metadata;
  let present = objects.reader<T>(resource).get(namespace, name);
  for (let attempt = 1; ; attempt++) {
    try {
      if (!present) return void (await objects.create(resource, namespace, wanted));
      const changed = merge(present);
      if (changed) await objects.update(resource, namespace, changed);
      return;
    } catch (error) {
      const isRace = isAlreadyExists(error) || isConflict(error) || (present !== undefined && isNotFound(error));
      if (!isRace || attempt === maxAttempts) throw error;
      present = await readIfPresent<T>(objects, resource, namespace, name);
    }
  }
}
