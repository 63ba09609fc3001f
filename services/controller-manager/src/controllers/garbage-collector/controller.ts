import type { KubeObject } from "@tskube/api";
import { isNotFound } from "@tskube/apimachinery";
import type { DeleteOptions, ResourceInfo } from "@tskube/client";
import { after, type Controller, type Deps, done, type Result } from "@tskube/controller";
import { discover as askServer, type Discovery } from "../../discovery/discover.ts";
import {
  blockingDependents,
  foregroundFinalizer,
  type GraphNode,
  OwnerGraph,
  orphanFinalizer,
  type Task,
} from "./graph.ts";
import { Monitors } from "./monitors.ts";
import { at, judgeOwners, liveObject, RecentUids } from "./owners.ts";

export interface GarbageCollectorOptions {
  readonly workers: number;
  readonly discover?: (signal: AbortSignal) => Promise<Discovery>;
}

/** The key that stands for a look at what resources there are. */
const resourcesKey = "resources";
/** An owner often shows up a moment after its dependents: another watch brings it. */
const verifyAfterMs = 500;
/** Resources come and go with definitions, which are watched; a server that did not answer is asked again. */
const retryDiscoveryMs = 30_000;
const rememberedUids = 500;
const crds: ResourceInfo = {
  group: "apiextensions.k8s.io",
  version: "v1",
  resource: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};
const apiServices: ResourceInfo = {
  group: "apiregistration.k8s.io",
  version: "v1",
  resource: "apiservices",
  kind: "APIService",
  namespaced: false,
};

/** Deletes what has lost all its owners, and carries out foreground and orphaning deletions. */
export function garbageCollector(options: GarbageCollectorOptions): (deps: Deps) => Controller {
  return (deps) => {
    const { client, logger } = deps;
    const discover = options.discover ?? ((signal) => askServer(client, signal));
    const absentUids = new RecentUids(rememberedUids);
    let wakeTask: (task: Task) => void = () => {};
    const graph = new OwnerGraph((task) => wakeTask(task));
    const monitors = new Monitors(deps, {
      observe: (object) => graph.observe(object),
      remove: ({ metadata }) => graph.remove(metadata.uid ?? ""),
    });
    let known: Discovery | undefined;
    let stopping: AbortSignal | undefined;

    return {
      name: "garbage-collector",
      workers: options.workers,
      wakeOn: {},
      start(wake, signal) {
        stopping = signal;
        wakeTask = ({ kind, uid }) => wake(`${kind}/${uid}`, kind === "verify" ? verifyAfterMs : 0);
        wake(resourcesKey);
        const look = () => wake(resourcesKey);
        for (const info of [crds, apiServices]) {
          deps.informers.dynamic<KubeObject & { status?: unknown }>(info).on({
            add: look,
            update: (old, now) => JSON.stringify(old.status) !== JSON.stringify(now.status) && look(),
            delete: look,
          });
        }
      },
      async reconcile(key, signal) {
        if (key === resourcesKey) return lookAtResources(signal);
        const [kind, uid = ""] = key.split("/");
        const node = graph.get(uid);
        if (!node) return done;
        if (kind === "orphan") await orphanDependents(node);
        else if (kind === "collect" || node.isVirtual) await collect(node);
        return done;
      },
    };

    async function lookAtResources(signal: AbortSignal): Promise<Result> {
      known = await discover(signal);
      if (stopping && !stopping.aborted) monitors.sync(known, stopping);
      logger.debug({ resources: monitors.size }, "watching resources for the garbage collector");
      return known.failed.length > 0 ? after(retryDiscoveryMs) : done;
    }

    async function resourceOf(apiVersion: string, kind: string): Promise<ResourceInfo> {
      const name = `${apiVersion}/${kind}`;
      const found = known?.kinds.get(name);
      if (found) return found;
      known = await discover(stopping ?? AbortSignal.timeout(retryDiscoveryMs));
      const now = known.kinds.get(name);
      if (!now) throw new Error(`no resource is served for ${name}, so its objects cannot be looked at`);
      return now;
    }

    async function collect(node: GraphNode): Promise<void> {
      if (node.isBeingDeleted && !node.isDeletingDependents) return;
      const { identity } = node;
      const info = await resourceOf(identity.apiVersion, identity.kind);
      const objects = at(client, info, identity.namespace);
      const live =
        info.namespaced && !identity.namespace ? undefined : await liveObject(objects, identity.name, identity.uid);
      if (!live) {
        absentUids.add(identity.uid);
        if (node.isVirtual)
          for (const { identity: one } of node.dependents) wakeTask({ kind: "collect", uid: one.uid });
        return;
      }
      if (node.isDeletingDependents) return finishForeground(node, live);
      const references = live.metadata.ownerReferences ?? [];
      if (references.length === 0) return;
      const owners = await judgeOwners(references, live.metadata.namespace, absentUids, { client, resourceOf });
      const lost = [...owners.absent, ...owners.waiting];
      if (owners.solid.length > 0) {
        if (lost.length > 0) await dropOwners(live, info, new Set(lost.map(({ uid }) => uid)));
        return;
      }
      if (owners.waiting.length > 0 && node.dependents.size > 0) return deleteForeground(node, live, info);
      await remove(live, info, policyOf(live));
    }

    /** A dependent of an owner that waits, itself with dependents: they go first, unless they wait in a circle. */
    async function deleteForeground(node: GraphNode, live: KubeObject, info: ResourceInfo): Promise<void> {
      if ([...node.dependents].some(({ isDeletingDependents }) => isDeletingDependents)) {
        const ownerReferences = (live.metadata.ownerReferences ?? []).map((one) => ({
          ...one,
          blockOwnerDeletion: false,
        }));
        await patchMetadata(live, info, { ownerReferences });
      }
      await remove(live, info, "Foreground");
    }

    async function finishForeground(node: GraphNode, live: KubeObject): Promise<void> {
      const blocking = blockingDependents(node);
      if (blocking.length > 0) {
        for (const { identity, isDeletingDependents } of blocking)
          if (!isDeletingDependents) wakeTask({ kind: "collect", uid: identity.uid });
        return;
      }
      await dropFinalizer(node, live, foregroundFinalizer);
    }

    async function orphanDependents(node: GraphNode): Promise<void> {
      const { uid } = node.identity;
      await Promise.all(
        [...node.dependents].map(async ({ identity }) => {
          const info = await resourceOf(identity.apiVersion, identity.kind);
          const live = await liveObject(at(client, info, identity.namespace), identity.name, identity.uid);
          if (live) await dropOwners(live, info, new Set([uid]));
        }),
      );
      const info = await resourceOf(node.identity.apiVersion, node.identity.kind);
      const live = await liveObject(at(client, info, node.identity.namespace), node.identity.name, uid);
      if (live) await dropFinalizer(node, live, orphanFinalizer);
    }

    async function dropFinalizer({ identity }: GraphNode, live: KubeObject, finalizer: string): Promise<void> {
      const finalizers = live.metadata.finalizers ?? [];
      if (!finalizers.includes(finalizer)) return;
      const info = await resourceOf(identity.apiVersion, identity.kind);
      await patchMetadata(live, info, { finalizers: finalizers.filter((one) => one !== finalizer) });
    }

    async function dropOwners(live: KubeObject, info: ResourceInfo, uids: ReadonlySet<string>): Promise<void> {
      const before = live.metadata.ownerReferences ?? [];
      const ownerReferences = before.filter(({ uid }) => !uids.has(uid));
      if (ownerReferences.length < before.length) await patchMetadata(live, info, { ownerReferences });
    }

    /** A list is patched as a whole, so the version read is named: another's change must not be undone. */
    async function patchMetadata(
      live: KubeObject,
      info: ResourceInfo,
      change: Partial<KubeObject["metadata"]>,
    ): Promise<void> {
      const { name, namespace, uid, resourceVersion } = live.metadata;
      const patch = { metadata: { uid, resourceVersion, ...change } };
      await at(client, info, namespace).patch(name, patch, { type: "merge" }).catch(unlessGone);
    }

    async function remove(live: KubeObject, info: ResourceInfo, propagationPolicy: Policy): Promise<void> {
      const { name, namespace, uid, resourceVersion } = live.metadata;
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
      logger.debug({ kind: live.kind, name, namespace, propagationPolicy }, "deleting an object whose owners are gone");
      await at(client, info, namespace).delete(name, { propagationPolicy, preconditions }).catch(unlessGone);
    }
  };
}

type Policy = NonNullable<DeleteOptions["propagationPolicy"]>;

/** As its finalizers ask, if it is to be deleted with them already. */
function policyOf({ metadata }: KubeObject): Policy {
  if (metadata.finalizers?.includes(orphanFinalizer)) return "Orphan";
  if (metadata.finalizers?.includes(foregroundFinalizer)) return "Foreground";
  return "Background";
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
