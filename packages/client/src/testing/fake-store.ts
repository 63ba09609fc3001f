import type { KubeObject } from "@tskube/api";
import {
  alreadyExists,
  conflict,
  deepClone,
  deepEqual,
  notFound,
  resourceExpired,
  staleObjectMessage,
} from "@tskube/apimachinery";
import { joinKey, objectKey } from "../object-key.ts";
import type { ResourceInfo } from "../rest/resource.ts";

export interface StoredChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly info: ResourceInfo;
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly revision: number;
}

/**
 * Objects of all resources under one revision counter, with the changes so far for watches that resume. What it returns is its
 * own: never write to it.
 */
export class FakeStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #changes: StoredChange[] = [];
  readonly #listeners = new Set<(change: StoredChange) => void>();
  #revision = 1000;
  #compactedTo = 0;

  get revision(): number {
    return this.#revision;
  }

  get(info: ResourceInfo, namespace: string, name: string): KubeObject {
    const found = this.find(info, namespace, name);
    if (!found) throw notFound(info, name);
    return found;
  }

  find(info: ResourceInfo, namespace: string, name: string): KubeObject | undefined {
    return this.#of(info).get(joinKey(namespace, name));
  }

  list(info: ResourceInfo): KubeObject[] {
    return [...this.#of(info).values()];
  }

  insert(info: ResourceInfo, object: KubeObject): KubeObject {
    if (this.#of(info).has(objectKey(object))) throw alreadyExists(info, object.metadata.name);
    return this.#put("ADDED", info, object, undefined);
  }

  /** Fails on another resourceVersion than the stored one, if `object` has any; writing the same again changes nothing. */
  replace(info: ResourceInfo, object: KubeObject): KubeObject {
    const old = this.get(info, object.metadata.namespace ?? "", object.metadata.name);
    const { resourceVersion, uid } = object.metadata;
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      throw conflict(info, object.metadata.name, staleObjectMessage);
    if (uid && uid !== old.metadata.uid) throw conflict(info, object.metadata.name, staleObjectMessage);
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: old.metadata.resourceVersion } };
    return deepEqual(next, old) ? old : this.#put("MODIFIED", info, next, old);
  }

  remove(info: ResourceInfo, namespace: string, name: string): KubeObject {
    const old = this.get(info, namespace, name);
    this.#of(info).delete(joinKey(namespace, name));
    const object = this.#atNextRevision(old);
    this.#tell({ type: "DELETED", info, object, old, revision: this.#revision });
    return object;
  }

  /** The changes after a revision; throws 410 when they have been compacted. */
  since(revision: number): StoredChange[] {
    if (revision < this.#compactedTo)
      throw resourceExpired(`too old resource version: ${revision} (${this.#compactedTo})`);
    return this.#changes.filter((change) => change.revision > revision);
  }

  onChange(listener: (change: StoredChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all changes so far: watches from before now must start anew. */
  compact(): void {
    this.#revision++;
    this.#compactedTo = this.#revision;
    this.#changes.length = 0;
  }

  #of(info: ResourceInfo): Map<string, KubeObject> {
    const id = `${info.group}/${info.resource}`;
    const known = this.#objects.get(id);
    if (known) return known;
    const made = new Map<string, KubeObject>();
    this.#objects.set(id, made);
    return made;
  }

  #put(type: "ADDED" | "MODIFIED", info: ResourceInfo, object: KubeObject, old: KubeObject | undefined): KubeObject {
    const stored = this.#atNextRevision(object);
    this.#of(info).set(objectKey(stored), stored);
    this.#tell({ type, info, object: stored, old, revision: this.#revision });
    return stored;
  }

  #atNextRevision(object: KubeObject): KubeObject {
    const copy = deepClone(object);
    copy.metadata.resourceVersion = String(++this.#revision);
    return copy;
  }

  #tell(change: StoredChange): void {
    this.#changes.push(change);
    for (const listener of [...this.#listeners]) listener(change);
  }
}
