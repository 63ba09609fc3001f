import { deepEqual } from "@tskube/apimachinery";
import type { LocalObjects } from "../../registry/objects.ts";
import { type APIService, apiServices, ownGroup, serviceOf } from "../api-service/api-service.ts";
import { Remote, type RemoteDeps } from "./remote.ts";

export interface RemotesDeps extends RemoteDeps {
  readonly objects: LocalObjects;
}

/** What other servers answer for, as the APIServices with a service say it. */
export class Remotes {
  readonly #deps: RemotesDeps;
  readonly #byName = new Map<string, Remote>();
  readonly #byGroup = new Map<string, Map<string, Remote>>();
  readonly #listeners = new Set<(name: string) => void>();
  readonly #unsubscribe: () => void;

  constructor(deps: RemotesDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.objects.reader<APIService>(apiServices).subscribe(({ type, object }) => {
      if (type === "DELETED") this.#forget(object.metadata.name);
      else this.#follow(object);
    });
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  find(group: string, version: string): Remote | undefined {
    return this.#byGroup.get(group)?.get(version);
  }

  get(name: string): Remote | undefined {
    return this.#byName.get(name);
  }

  all(): readonly Remote[] {
    return [...this.#byName.values()];
  }

  /** Calls `listener` with the name of each that there is, and then of each that comes, changes or goes. */
  listen(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    for (const name of this.#byName.keys()) listener(name);
    return () => this.#listeners.delete(listener);
  }

  /** The client certificate is another: connections made with the old one serve no new requests. */
  renewConnections(): void {
    for (const remote of this.#byName.values()) remote.renewConnections();
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
    for (const remote of this.#byName.values()) remote.close();
  }

  #follow(service: APIService): void {
    const { name } = service.metadata;
    const target = serviceOf(service);
    // The API that says who answers for what must not depend on anyone else.
    if (!target || service.spec.group === ownGroup) {
      this.#forget(name);
      return;
    }
    const known = this.#byName.get(name);
    if (known && deepEqual(known.target, target)) {
      known.update(service);
    } else {
      known?.close();
      this.#add(new Remote(service, target, this.#deps));
    }
    this.#tell(name);
  }

  #add(remote: Remote): void {
    this.#byName.set(remote.name, remote);
    const versions = this.#byGroup.get(remote.group) ?? new Map<string, Remote>();
    versions.set(remote.version, remote);
    this.#byGroup.set(remote.group, versions);
  }

  #forget(name: string): void {
    const remote = this.#byName.get(name);
    if (!remote) return;
    this.#byName.delete(name);
    const versions = this.#byGroup.get(remote.group);
    versions?.delete(remote.version);
    if (versions?.size === 0) this.#byGroup.delete(remote.group);
    remote.close();
    this.#tell(name);
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}
