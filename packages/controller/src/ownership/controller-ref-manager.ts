import type { KubeObject } from "@tskube/api";
import { controllerReference, isInvalid, isNotFound } from "@tskube/apimachinery";
import type { ResourceClient } from "@tskube/client";
import { decideClaim } from "./claim.ts";

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  readonly owner: O;
  /** Whether the owner wants the object: `selectedBy(selector)`, and more if there is more to it. */
  readonly matches: (object: T) => boolean;
  /** Where the objects are written. */
  readonly client: ResourceClient<T>;
  /** Reads the owner from the server, not from a cache: only one that still lives may adopt. */
  readonly freshOwner: () => Promise<O>;
  readonly signal?: AbortSignal;
}

/**
 * Adopts and releases among `candidates` and returns those that are the owner's: kept, and adopted just now as the server answered
 * them. Candidates are what the owner controls and what it selects; the rest is passed over. Everything that can be done is done
 * before the first failure is thrown.
 */
export async function claimObjects<O extends KubeObject, T extends KubeObject>(
  candidates: readonly T[],
  options: ClaimOptions<O, T>,
): Promise<T[]> {
  const { owner, matches, freshOwner } = options;
  let mayAdopt: Promise<void> | undefined;
  const claimed: T[] = [];
  const failures: unknown[] = [];
  for (const object of candidates) {
    try {
      const mine = await claimOne(object);
      if (mine) claimed.push(mine);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, "cannot claim all objects");
  return claimed;

  async function claimOne(object: T): Promise<T | undefined> {
    switch (decideClaim(owner, object, matches as (object: KubeObject) => boolean)) {
      case "keep":
        return object;
      case "adopt":
        mayAdopt ??= checkAlive(owner, freshOwner);
        await mayAdopt;
        return adopt(object, options);
      case "release":
        await release(object, options);
        return undefined;
      default:
        return undefined;
    }
  }
}

/** The cache may be behind: an owner that was deleted, or replaced by one of the same name, must not take anything. */
async function checkAlive<O extends KubeObject>(owner: O, freshOwner: () => Promise<O>): Promise<void> {
  const fresh = await freshOwner();
  const { name, namespace, uid } = owner.metadata;
  const called = namespace ? `${namespace}/${name}` : name;
  if (fresh.metadata.uid !== uid)
    throw new Error(`original ${owner.kind} ${called} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`);
  if (fresh.metadata.deletionTimestamp)
    throw new Error(`${called} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
}

async function adopt<O extends KubeObject, T extends KubeObject>(
  object: T,
  { owner, client, signal }: ClaimOptions<O, T>,
): Promise<T | undefined> {
  const { uid, name, namespace } = object.metadata;
  const patch = { metadata: { uid, ownerReferences: [controllerReference(owner)] } };
  try {
    return await at(client, namespace).patch(name, patch, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined; // deleted meanwhile
    throw error;
  }
}

async function release<O extends KubeObject, T extends KubeObject>(
  object: T,
  { owner, client, signal }: ClaimOptions<O, T>,
): Promise<void> {
  const { uid, name, namespace } = object.metadata;
  const patch = { metadata: { uid, ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }] } };
  try {
    await at(client, namespace).patch(name, patch, { signal });
  } catch (error) {
    // Gone, or another object by the same name (the uid does not fit): nothing of ours to release.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
}

function at<T extends KubeObject>(client: ResourceClient<T>, namespace: string | undefined): ResourceClient<T> {
  return namespace ? client.in(namespace) : client;
}
