import type { Lease, Node, Pod } from "@tskube/api";
import { deepEqual, formatTime, isNotFound } from "@tskube/apimachinery";
import { kinds } from "@tskube/client";
import { after, type Controller, type Deps, done, OwnWrites, type Result, self } from "@tskube/controller";
import { readiness, taintsOf } from "../../nodes/taints.ts";
import { isPodReady } from "../../pods/pod-state.ts";
import { type Grace, Heartbeats, silenceMs, silentConditions } from "./health.ts";
import { awaitsEviction, type Eviction, wantedTaints } from "./taints.ts";
import { evictionRate, judgeZones, ZoneLimiter, type ZoneRates, zoneOf } from "./zones.ts";

export interface NodeLifecycleOptions {
  readonly grace: Grace;
  readonly rates: ZoneRates;
}

/** The wait for a write of our own to come back: not every one of them is news. */
const staleMs = 50;

/** What the kubelet changes with every heartbeat wakes nobody. */
function hasNews(old: Node, node: Node): boolean {
  return facts(old) !== facts(node);
}

function facts({ metadata, spec, status }: Node): string {
  const conditions = status?.conditions?.map(({ type, status: value }) => [type, value]);
  return JSON.stringify([conditions, spec?.taints, spec?.unschedulable, metadata.labels]);
}

/** Notices nodes that have gone silent, tells of it in their conditions and taints, and takes their pods out of services. */
export function nodeLifecycleController({ grace, rates }: NodeLifecycleOptions): (deps: Deps) => Controller {
  return ({ client, clock, events, informers, listers, logger }) => {
    const { nodes, pods } = listers;
    const leases = informers.for(kinds.Lease, { namespace: "kube-node-lease" });
    const heartbeats = new Heartbeats(grace.monitorMs / 2);
    const own = new OwnWrites<Node>(nodes, clock);
    const limiters = new Map<string, ZoneLimiter>();
    /** Nodes whose pods have been told that they are not ready. */
    const told = new Set<string>();
    let wasAllDisrupted = false;
    let wakeNode: (name: string) => void = () => {};

    return {
      name: "node-lifecycle",
      wakeOn: { Node: { keys: self, onUpdate: hasNews } },
      start(wake, signal) {
        wakeNode = wake;
        const noteNode = (node: Node) => heartbeats.noteNode(node, clock.now());
        const noteLease = (lease: Lease) => heartbeats.noteLease(lease, clock.now());
        const removers = [
          informers.for(kinds.Node).on({ add: noteNode, update: (_, node) => noteNode(node) }),
          leases.on({ add: noteLease, update: (_, lease) => noteLease(lease) }),
        ];
        const removeAll = () => {
          for (const remove of removers) remove();
        };
        signal.addEventListener("abort", removeAll, { once: true });
      },
      async reconcile(name) {
        const node = nodes.get(name);
        if (!node) return forget(name);
        return own.areSeen(name) ? watchOver(node) : after(staleMs);
      },
    };

    function forget(name: string): Result {
      heartbeats.forget(name);
      own.forget(name);
      told.delete(name);
      judge();
      return done;
    }

    async function watchOver(node: Node): Promise<Result> {
      const { name } = node.metadata;
      const quietFor = silenceMs(node, heartbeats.lastOf(name), grace, clock.now());
      const current = quietFor > 0 ? node : await declareSilent(node);
      if (readiness(current) === "True") told.delete(name);
      else await tellPods(current);
      const waitMs = await taint(current);
      const lookAgain = Math.min(quietFor > 0 ? quietFor : Number.POSITIVE_INFINITY, waitMs);
      return Number.isFinite(lookAgain) ? after(lookAgain) : done;
    }

    async function declareSilent(node: Node): Promise<Node> {
      const conditions = silentConditions(node, clock.now());
      if (conditions === node.status?.conditions) return node;
      logger.info({ node: node.metadata.name }, "node has gone silent");
      const status = { ...node.status, conditions: [...conditions] };
      const written = await client.nodes().updateStatus({ ...node, status });
      own.wrote(node.metadata.name, written);
      return written;
    }

    /** Endpoints follow the pods' own condition, so that traffic leaves a dead node before its pods are evicted. */
    async function tellPods(node: Node): Promise<void> {
      const { name } = node.metadata;
      if (told.has(name)) return;
      const there = pods.by("node", name).filter(isPodReady);
      if (there.length > 0) events.normal(node, "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
      await Promise.all(there.map(markNotReady));
      told.add(name);
    }

    async function markNotReady(pod: Pod): Promise<void> {
      const { name, namespace, uid } = pod.metadata;
      const condition = { type: "Ready", status: "False", lastTransitionTime: formatTime(clock.now()) };
      try {
        await client.pods(namespace).patchStatus(name, { metadata: { uid }, status: { conditions: [condition] } });
        events.warn(pod, "NodeNotReady", "Node is not ready");
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }

    /** Writes the node's taints; how long until the one that evicts may be added, if it has to wait. */
    async function taint(node: Node): Promise<number> {
      const { eviction, waitMs } = mayEvict(node);
      const taints = wantedTaints(node, eviction, clock.now());
      if (!deepEqual(taints, taintsOf(node))) {
        const { name, resourceVersion } = node.metadata;
        const patch = { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
        own.wrote(name, await client.nodes().patch(name, patch, { type: "merge" }));
      }
      return waitMs;
    }

    function mayEvict(node: Node): { readonly eviction: Eviction; readonly waitMs: number } {
      const zones = judge();
      const none = Number.POSITIVE_INFINITY;
      if (zones.isAllDisrupted) return { eviction: "lift", waitMs: none };
      if (!awaitsEviction(node)) return { eviction: "apply", waitMs: none };
      const zone = zoneOf(node);
      const limiter = limiters.get(zone) ?? new ZoneLimiter();
      limiters.set(zone, limiter);
      const waitMs = limiter.take(evictionRate(zones.byName.get(zone), rates), clock.now());
      return waitMs === 0 ? { eviction: "apply", waitMs: none } : { eviction: "hold", waitMs };
    }

    /** Looks at all nodes; when all are silent, or no longer are, every node is looked at anew. */
    function judge() {
      const zones = judgeZones(nodes.list(), rates.unhealthyThreshold);
      if (zones.isAllDisrupted !== wasAllDisrupted) {
        wasAllDisrupted = zones.isAllDisrupted;
        logger.warn(
          { allSilent: wasAllDisrupted },
          wasAllDisrupted ? "all nodes are silent: no evictions" : "nodes are back",
        );
        if (!wasAllDisrupted) heartbeats.resetAll(clock.now());
        for (const { metadata } of nodes.list()) wakeNode(metadata.name);
      }
      return zones;
    }
  };
}
