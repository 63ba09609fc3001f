import type { ObjectLike, OwnerReferenceLike } from "./object-meta.ts";

/** The owner that controls the object, if one does. */
export function controllerOf(object: ObjectLike): OwnerReferenceLike | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

/** True if `owner` controls `object`; it is the uid that counts, for names are used again. */
export function isControlledBy(object: ObjectLike, owner: ObjectLike): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** A reference that makes `owner` the controller and keeps it, in foreground deletion, until the dependent is gone. */
export function controllerReference(owner: ObjectLike): OwnerReferenceLike & { controller: true } {
  return { ...ownerReference(owner), controller: true, blockOwnerDeletion: true };
}

/** A plain reference to `owner`, which must have been read from the API. */
export function ownerReference(owner: ObjectLike): OwnerReferenceLike {
  const { apiVersion, kind, metadata } = owner;
  if (!apiVersion || !kind || !metadata?.name || !metadata.uid) {
    throw new Error(`cannot refer to an owner without apiVersion, kind, name and uid: ${kind} ${metadata?.name}`);
  }
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}
