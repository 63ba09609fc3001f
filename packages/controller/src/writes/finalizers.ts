import type { KubeObject } from "@tskube/api";
import type { CallOptions, ResourceClient } from "@tskube/client";

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Adds a finalizer before the first side effect that must be undone; nothing when it is there. Fails on a stale object. */
export function addFinalizer<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  finalizer: string,
  options?: CallOptions,
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return Promise.resolve(object);
  return setFinalizers(client, object, [...(object.metadata.finalizers ?? []), finalizer], options);
}

/** Removes a finalizer once its cleaning is done; nothing when it is gone. Fails on a stale object. */
export function removeFinalizer<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  finalizer: string,
  options?: CallOptions,
): Promise<T> {
  if (!hasFinalizer(object, finalizer)) return Promise.resolve(object);
  return setFinalizers(client, object, object.metadata.finalizers?.filter((one) => one !== finalizer) ?? [], options);
}

/** A merge patch that names the version read: a list cannot be patched by item, and another's change must not be undone. */
function setFinalizers<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  finalizers: string[],
  options?: CallOptions,
): Promise<T> {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const where = namespace ? client.in(namespace) : client;
  return where.patch(name, { metadata: { uid, resourceVersion, finalizers } }, { ...options, type: "merge" });
}
