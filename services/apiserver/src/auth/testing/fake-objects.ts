import type { KubeObject } from "@tskube/api";
import { alreadyExists, conflict, notFound } from "@tskube/apimachinery";
import type { GroupResource, LocalObjects, ObjectChange, ObjectReader } from "../../registry/objects.ts";

/** One resource's objects in memory. */
class FakeReader implements ObjectReader {
  readonly objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<(change: ObjectChange<KubeObject>) => void>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }

  list(namespace?: string): readonly KubeObject[] {
    const all = [...this.objects.values()];
    return namespace === undefined ? all : all.filter((object) => (object.metadata.namespace ?? "") === namespace);
  }

  subscribe(listener: (change: ObjectChange<KubeObject>) => void): () => void {
    for (const object of this.objects.values()) listener({ type: "ADDED", object, old: undefined });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async fresh(): Promise<void> {}

  notify(change: ObjectChange<KubeObject>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** A cluster's objects in memory, with optimistic locking; nothing is defaulted, validated or admitted. */
export class FakeObjects implements LocalObjects {
  readonly #readers = new Map<string, FakeReader>();
  #revision = 0;
  /** What was written, as `create configmaps kube-system/x`. */
  readonly writes: string[] = [];

  reader<T extends KubeObject = KubeObject>(resource: GroupResource): ObjectReader<T> {
    return this.#reader(resource) as unknown as ObjectReader<T>;
  }

  /** Puts objects there as if they had always been; each is given a uid if it has none. */
  put(resource: string, ...objects: readonly KubeObject[]): this {
    const [name = "", ...group] = resource.split(".");
    for (const object of objects) this.#store({ group: group.join("."), resource: name }, object);
    return this;
  }

  async get<T extends KubeObject>(resource: GroupResource, namespace: string, name: string): Promise<T> {
    return this.#existing(resource, namespace, name) as T;
  }

  async create<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T> {
    const { name } = object.metadata;
    if (this.#reader(resource).get(namespace, name)) throw alreadyExists(resource, name);
    this.writes.push(`create ${resource.resource} ${namespace}/${name}`);
    const placed = namespace ? { ...object, metadata: { ...object.metadata, namespace } } : object;
    return this.#store(resource, placed);
  }

  async update<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T> {
    const { name, resourceVersion } = object.metadata;
    const old = this.#existing(resource, namespace, name);
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
    this.writes.push(`update ${resource.resource} ${namespace}/${name}`);
    return this.#store(resource, object);
  }

  updateStatus<T extends KubeObject>(resource: GroupResource, namespace: string, object: T): Promise<T> {
    return this.update(resource, namespace, object);
  }

  async delete(resource: GroupResource, namespace: string, name: string): Promise<void> {
    const object = this.#existing(resource, namespace, name);
    this.writes.push(`delete ${resource.resource} ${namespace}/${name}`);
    const reader = this.#reader(resource);
    reader.objects.delete(`${namespace}/${name}`);
    reader.notify({ type: "DELETED", object });
  }

  #reader({ group, resource }: GroupResource): FakeReader {
    const key = `${group}/${resource}`;
    const reader = this.#readers.get(key) ?? new FakeReader();
    this.#readers.set(key, reader);
    return reader;
  }

  #existing(resource: GroupResource, namespace: string, name: string): KubeObject {
    const object = this.#reader(resource).get(namespace, name);
    if (!object) throw notFound(resource, name);
    return object;
  }

  #store<T extends KubeObject>(resource: GroupResource, object: T): T {
    const reader = this.#reader(resource);
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    const old = reader.objects.get(key);
    const resourceVersion = String(++this.#revision);
    const uid = object.metadata.uid ?? old?.metadata.uid ?? `uid-${resourceVersion}`;
    const stored = {
      ...structuredClone(object),
      metadata: { ...structuredClone(object.metadata), uid, resourceVersion },
    };
    reader.objects.set(key, stored);
    reader.notify({ type: old ? "MODIFIED" : "ADDED", object: stored, old });
    return stored;
  }
}
