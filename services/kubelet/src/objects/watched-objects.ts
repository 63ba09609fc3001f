import type { ConfigMap, KubeObject, Pod, Secret } from "@tskube/api";
import { type Clock, type Logger, sleep } from "@tskube/base";
import { type Client, createInformer, type Informer, joinKey } from "@tskube/client";
import type { EnvironmentObjects } from "../env/environment.ts";
import { uidOf } from "../pods/identity.ts";
import { type ObjectRef, referencesOf, refKey } from "./references.ts";

export interface WatchedObjectsDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the uid of each pod that refers to an object that changed. */
  readonly onChange: (uid: string) => void;
}

interface Watched {
  readonly informer: Informer<KubeObject>;
  readonly stop: AbortController;
  readonly users: Set<string>;
}

/** How long a read waits for the first answer of the server before it fails and is retried with its pod. */
const firstReadMs = 10_000;

/**
 * The ConfigMaps and Secrets of this node's pods, each followed by one watch on its name for as long as a pod refers to it: a node may
 * not read any others.
 */
export class WatchedObjects implements EnvironmentObjects {
  readonly #deps: WatchedObjectsDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #byPod = new Map<string, ReadonlySet<string>>();

  constructor(deps: WatchedObjectsDeps) {
    this.#deps = deps;
  }

  /** Begins or changes what is followed on a pod's behalf. Safe to repeat. */
  register(pod: Pod): void {
    const uid = uidOf(pod);
    const wanted = new Map(referencesOf(pod).map((ref) => [refKey(ref), ref]));
    for (const [key, ref] of wanted) this.#use(key, ref, uid);
    for (const key of this.#byPod.get(uid) ?? []) if (!wanted.has(key)) this.#release(key, uid);
    this.#byPod.set(uid, new Set(wanted.keys()));
  }

  unregister(uid: string): void {
    for (const key of this.#byPod.get(uid) ?? []) this.#release(key, uid);
    this.#byPod.delete(uid);
  }

  async configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return (await this.#read({ kind: "ConfigMap", namespace, name })) as ConfigMap | undefined;
  }

  async secret(namespace: string, name: string): Promise<Secret | undefined> {
    return (await this.#read({ kind: "Secret", namespace, name })) as Secret | undefined;
  }

  close(): void {
    for (const { stop } of this.#watched.values()) stop.abort();
    this.#watched.clear();
    this.#byPod.clear();
  }

  #use(key: string, ref: ObjectRef, uid: string): void {
    const watched = this.#watched.get(key) ?? this.#follow(key, ref);
    watched.users.add(uid);
  }

  #release(key: string, uid: string): void {
    const watched = this.#watched.get(key);
    if (!watched) return;
    watched.users.delete(uid);
    if (watched.users.size > 0) return;
    watched.stop.abort();
    this.#watched.delete(key);
  }

  #follow(key: string, ref: ObjectRef): Watched {
    const { client, clock, logger, onChange } = this.#deps;
    const source = ref.kind === "Secret" ? client.secrets(ref.namespace) : client.configmaps(ref.namespace);
    const informer = createInformer<KubeObject>(
      { source: source as never, clock, logger },
      { fieldSelector: `metadata.name=${ref.name}` },
    );
    const watched: Watched = { informer, stop: new AbortController(), users: new Set() };
    this.#watched.set(key, watched);
    const tell = () => {
      for (const uid of watched.users) onChange(uid);
    };
    informer.on({ add: tell, update: tell, delete: tell });
    void informer.run(watched.stop.signal);
    return watched;
  }

  async #read(ref: ObjectRef): Promise<KubeObject | undefined> {
    const informer = this.#watched.get(refKey(ref))?.informer;
    if (!informer)
      throw new Error(`object ${JSON.stringify(ref.namespace)}/${JSON.stringify(ref.name)} not registered`);
    if (!informer.hasSynced) await this.#firstAnswer(informer);
    if (!informer.hasSynced)
      throw new Error(`failed to sync ${ref.kind.toLowerCase()} cache: timed out waiting for the condition`);
    return informer.lister.get(joinKey(ref.namespace, ref.name));
  }

  async #firstAnswer(informer: Informer<KubeObject>): Promise<void> {
    const give = new AbortController();
    await Promise.race([informer.synced(give.signal), sleep(this.#deps.clock, firstReadMs, give.signal)]);
    give.abort();
  }
}
