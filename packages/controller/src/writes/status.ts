import type { KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import type { CallOptions, ResourceClient } from "@tskube/client";

type WithStatus = KubeObject & { status?: unknown };

/** Writes the status unless it is what the object has already; returns the object as it then is. */
export async function updateStatusIfChanged<T extends WithStatus>(
  client: Pick<ResourceClient<T>, "in" | "updateStatus">,
  object: T,
  status: T["status"],
  options?: CallOptions,
): Promise<T> {
  if (deepEqual(object.status, status)) return object;
  return client.updateStatus({ ...object, status }, options);
}
