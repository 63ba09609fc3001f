import type { KubeObject } from "@tskube/api";
import { formatGroupResource, type GroupResource } from "@tskube/apimachinery";
import type { Clock, Logger } from "@tskube/base";
import { type Client, createInformer, type Informer, type Informers, kinds, type ResourceInfo } from "@tskube/client";
import { type DiscoveredResource, type Discovery, supports } from "../../discovery/discover.ts";
import { ownershipOnly } from "../garbage-collector/monitors.ts";

export interface CountedDeps {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Called for every change that may alter what a namespace takes. */
export type OnChange = (resource: GroupResource, namespace: string) => void;

/** Their fields matter; of all others only how many there are. */
const wholeObjects = new Set(["pods", "services", "persistentvolumeclaims", "resourceclaims.resource.k8s.io"]);
const shared = new Map(Object.values(kinds).map((info) => [formatGroupResource(info), info as ResourceInfo]));

interface Followed {
  readonly informer: Informer<KubeObject>;
  readonly stop: () => void;
  /** Watched for this controller alone. */
  readonly isOwn: boolean;
}

/** Follows the resources that quotas bound, from the first time that one does. */
export class CountedResources {
  readonly #followed = new Map<string, Followed>();
  readonly #deps: CountedDeps;
  readonly #onChange: OnChange;

  constructor(deps: CountedDeps, onChange: OnChange) {
    this.#deps = deps;
    this.#onChange = onChange;
  }

  /** A namespace's objects; nothing while they are not known. */
  objects(resource: GroupResource, namespace: string): readonly KubeObject[] | undefined {
    const informer = this.#followed.get(formatGroupResource(resource))?.informer;
    return informer?.hasSynced ? informer.lister.in(namespace).list() : undefined;
  }

  /** Whether the resource is followed now: those that no other controller watches have to be `served`. */
  follow(resource: GroupResource, served: Discovery | undefined, signal: AbortSignal): boolean {
    const id = formatGroupResource(resource);
    if (this.#followed.has(id)) return true;
    const common = shared.get(id);
    const info = common ?? served?.resources.find((one) => formatGroupResource(one) === id && isCountable(one));
    if (!info?.namespaced) return false;
    const ending = new AbortController();
    const informer = common ? this.#sharedInformer(info, id) : this.#ownInformer(info, id);
    const removeHandler = informer.on(this.#handler(resource));
    const until = AbortSignal.any([signal, ending.signal]);
    if (!common) void informer.run(until);
    void informer.synced(until).then(() => {
      // An empty resource tells of no object, and quotas wait for its zero.
      if (!until.aborted) this.#onChange(resource, "");
    });
    const stop = () => {
      removeHandler();
      ending.abort();
    };
    this.#followed.set(id, { informer, stop, isOwn: !common });
    return true;
  }

  /** Lets go of resources that are served no more. */
  keepServed({ resources, failed }: Discovery): void {
    const ids = new Set(resources.map(formatGroupResource));
    for (const [id, { isOwn, stop, informer }] of this.#followed) {
      const { group, version } = informer.info;
      if (!isOwn || ids.has(id) || failed.includes(`${group}/${version}`)) continue;
      stop();
      this.#followed.delete(id);
    }
  }

  /** Whether anything is followed that may go away. */
  get hasOwn(): boolean {
    return [...this.#followed.values()].some(({ isOwn }) => isOwn);
  }

  #sharedInformer(info: ResourceInfo, id: string): Informer<KubeObject> {
    return this.#deps.informers.dynamic<KubeObject>(info, {}, wholeObjects.has(id) ? {} : { transform: ownershipOnly });
  }

  #ownInformer(info: ResourceInfo, id: string): Informer<KubeObject> {
    const { client, clock, logger } = this.#deps;
    return createInformer<KubeObject>(
      { source: client.resource(info), clock, logger },
      wholeObjects.has(id) ? {} : { transform: ownershipOnly },
    );
  }

  #handler(resource: GroupResource) {
    const isWhole = wholeObjects.has(formatGroupResource(resource));
    const changed = ({ metadata }: KubeObject) => this.#onChange(resource, metadata.namespace ?? "");
    return {
      add: changed,
      delete: changed,
      ...(isWhole && { update: (_: KubeObject, now: KubeObject) => changed(now) }),
    };
  }
}

function isCountable(resource: DiscoveredResource): boolean {
  return supports(resource, "create", "delete", "list", "watch");
}
