import type { ResourceQuota } from "@tskube/api";
import { deepEqual, formatGroupResource, type GroupResource } from "@tskube/apimachinery";
import { objectKey } from "@tskube/client";
import { after, type Controller, type Deps, done, type Result, self } from "@tskube/controller";
import { recalculate, resourceCountedBy } from "@tskube/quota";
import { discover as askServer, type Discovery } from "../../discovery/discover.ts";
import { CountedResources } from "./counted.ts";

export interface ResourceQuotaOptions {
  readonly workers: number;
  /** Every quota is counted anew at least so often. */
  readonly syncPeriodMs: number;
  readonly discover?: (signal: AbortSignal) => Promise<Discovery>;
}

/** The key that stands for a look at what resources there are. */
const resourcesKey = "resources";
const discoveryPeriodMs = 30_000;
/** Objects often change many at a time: one count serves them all. */
const gatherMs = 200;

/**
 * Keeps the status of quotas by counting what there is. The API server charges creations itself; what goes, and what it charged without an object
 * coming of it, is found here.
 */
export function resourceQuotaController(options: ResourceQuotaOptions): (deps: Deps) => Controller {
  return (deps) => {
    const { client, clock, logger, listers } = deps;
    const { resourcequotas: quotas } = listers;
    const discover = options.discover ?? ((signal) => askServer(client, signal));
    /** What quotas bound and nobody was found to serve. */
    let awaited: ReadonlySet<string> = new Set();
    let stopping: AbortSignal | undefined;
    let wake: (key: string, delayMs?: number) => void = () => {};
    const counted = new CountedResources(deps, (resource, namespace) => {
      for (const quota of namespace ? quotas.in(namespace).list() : quotas.list()) {
        if (boundResources(quota).some((one) => isSame(one, resource))) wake(objectKey(quota), gatherMs);
      }
    });

    return {
      name: "resourcequota",
      workers: options.workers,
      wakeOn: {
        // A status that the API server raised is right by itself.
        ResourceQuota: { keys: self, onUpdate: (old, quota) => !deepEqual(old.spec, quota.spec) },
      },
      // Counted with all their fields: named here, so that nobody keeps them reduced.
      reads: ["Pod", "Service", "PersistentVolumeClaim"],
      start(wakeKey, signal) {
        wake = wakeKey;
        stopping = signal;
      },
      async reconcile(key, signal) {
        if (key === resourcesKey) return lookAtResources(signal);
        const quota = quotas.get(key);
        return quota ? sync(quota) : done;
      },
    };

    async function sync(quota: ResourceQuota): Promise<Result> {
      const { namespace = "" } = quota.metadata;
      for (const resource of boundResources(quota)) ensureFollowed(resource);
      const status = recalculate(quota, (resource) => counted.objects(resource, namespace), clock.now());
      const { hard, used } = quota.status ?? {};
      if (!deepEqual({ hard: hard ?? {}, used: used ?? {} }, { hard: status.hard, used: status.used })) {
        // With the version read: what the API server charges meanwhile must not be forgotten.
        await client.resourcequotas(namespace).updateStatus({ ...quota, status });
      }
      return after(options.syncPeriodMs);
    }

    function ensureFollowed(resource: GroupResource): void {
      if (!stopping || counted.follow(resource, undefined, stopping)) return;
      if (!awaited.has(formatGroupResource(resource))) wake(resourcesKey);
    }

    /** Finds how resources are served that only discovery knows; again after a while, for they come and go. */
    async function lookAtResources(signal: AbortSignal): Promise<Result> {
      const served = await discover(signal);
      counted.keepServed(served);
      const isFollowed = (resource: GroupResource) => !stopping || counted.follow(resource, served, stopping);
      const missing = quotas
        .list()
        .flatMap(boundResources)
        .filter((resource) => !isFollowed(resource));
      awaited = new Set(missing.map(formatGroupResource));
      logger.debug({ awaited: [...awaited] }, "looked for the resources that quotas bound");
      return awaited.size > 0 || counted.hasOwn ? after(discoveryPeriodMs) : done;
    }
  };
}

function boundResources({ spec }: ResourceQuota): GroupResource[] {
  return Object.keys(spec?.hard ?? {}).flatMap((name) => resourceCountedBy(name) ?? []);
}

function isSame(a: GroupResource, b: GroupResource): boolean {
  return a.group === b.group && a.resource === b.resource;
}
