import type { DaemonSet, Node, Pod } from "@tskube/api";
import { getScaledValue } from "@tskube/apimachinery";
import { isPodAvailable } from "../../pods/pod-state.ts";
import { fitOf, targetNodeOf } from "./node-fit.ts";
import { hashLabel } from "./template.ts";

/** What a set is, where it may run and what runs. */
export interface World {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** By the node each pod stands on or was made for. */
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** The hash of the set's template. */
  readonly hash: string;
  readonly nowMs: number;
}

export interface Plan {
  /** Names of nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Among those to remove: pods that ended, which is told of, and for failures slowed down. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
}

export function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNodeOf(pod);
    if (node === undefined) continue;
    const group = groups.get(node);
    if (group) group.push(pod);
    else groups.set(node, [pod]);
  }
  return groups;
}

/** Brings one pod to every node that should have it and takes away what is too much. */
export function planNodes(world: World): Plan {
  const { set, nodes, podsByNode } = world;
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: { pod: Pod; node: string }[] = [];
  for (const node of nodes) {
    const { name } = node.metadata;
    const present = podsByNode.get(name) ?? [];
    const { shouldRun, mayStay } = fitOf(set, node);
    if (!mayStay) remove.push(...present.filter(isStaying));
    else if (present.length === 0) {
      if (shouldRun) create.push(name);
    } else {
      const staying = present.filter(isStaying);
      ended.push(...staying.filter(hasEnded).map((pod) => ({ pod, node: name })));
      remove.push(
        ...surplus(
          world,
          staying.filter((pod) => !hasEnded(pod)),
        ),
      );
    }
  }
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  for (const [node, pods] of podsByNode) {
    // Bound pods of a node that is gone are the pod garbage collector's.
    if (!known.has(node)) remove.push(...pods.filter((pod) => !pod.spec.nodeName && isStaying(pod)));
  }
  return { create, remove, ended };
}

/** One pod may stay; while a rollout starts new pods beside old ones, the oldest of each. */
function surplus(world: World, running: readonly Pod[]): Pod[] {
  if (running.length <= 1) return [];
  const sorted = [...running].sort(byMerit);
  if (maxSurge(world) === 0) return sorted.slice(1);
  const [newest, ...moreNew] = sorted.filter((pod) => isUpdated(pod, world.hash));
  const [oldest, ...moreOld] = sorted.filter((pod) => !isUpdated(pod, world.hash));
  const isReplaced = newest !== undefined && oldest !== undefined && isAvailable(newest, world);
  return [...moreNew, ...moreOld, ...(isReplaced ? [oldest] : [])];
}

/** The next step of replacing pods of older templates. */
export function planRollout(world: World): Plan {
  return maxSurge(world) > 0 ? planSurge(world) : planReplacement(world);
}

/** Deletes old pods while few enough nodes are without an available one. */
function planReplacement(world: World): Plan {
  const limit = maxUnavailable(world);
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { fresh, stale, isClear } of pairs(world)) {
    if (!isClear || (fresh === undefined) === (stale === undefined)) unavailable++;
    else if (fresh) unavailable += isAvailable(fresh, world) ? 0 : 1;
    else if (stale) (isAvailable(stale, world) ? candidates : broken).push(stale);
  }
  const allowed = candidates.slice(0, Math.max(0, limit - unavailable));
  return { create: [], remove: [...broken, ...allowed], ended: [] };
}

/** Starts new pods beside old ones, and deletes the old ones when the new are available. */
function planSurge(world: World): Plan {
  let surging = 0;
  const remove: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  for (const { node, fresh, stale, isClear } of pairs(world)) {
    if (!isClear) surging++;
    else if (fresh && isAvailable(fresh, world)) remove.push(...(stale ? [stale] : []));
    else if (fresh) surging++;
    else if (stale) (isAvailable(stale, world) ? candidates : allowed).push(node);
  }
  const more = candidates.slice(0, Math.max(0, maxSurge(world) - surging));
  return { create: [...allowed, ...more], remove, ended: [] };
}

interface Pair {
  readonly node: string;
  readonly fresh: Pod | undefined;
  readonly stale: Pod | undefined;
  /** False when there is more than one of a sort, which `planNodes` clears up first. */
  readonly isClear: boolean;
}

function pairs({ set, nodes, podsByNode, hash }: World): Pair[] {
  return nodes
    .filter((node) => fitOf(set, node).shouldRun)
    .map(({ metadata }) => {
      const staying = (podsByNode.get(metadata.name) ?? []).filter(isStaying);
      const fresh = staying.filter((pod) => isUpdated(pod, hash));
      const stale = staying.filter((pod) => !isUpdated(pod, hash));
      const isClear = fresh.length <= 1 && stale.length <= 1;
      return { node: metadata.name, fresh: fresh[0], stale: stale[0], isClear };
    });
}

export function isUpdated(pod: Pod, hash: string): boolean {
  return pod.metadata.labels?.[hashLabel] === hash;
}

/** Scheduled pods before others, then the oldest. */
export function byMerit(a: Pod, b: Pod): number {
  if (!a.spec.nodeName !== !b.spec.nodeName) return a.spec.nodeName ? -1 : 1;
  const [x, y] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined;
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Failed" || status?.phase === "Succeeded";
}

function isAvailable(pod: Pod, { set, nowMs }: World): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
}

function desired({ set, nodes }: World): number {
  return nodes.filter((node) => fitOf(set, node).shouldRun).length;
}

function maxSurge(world: World): number {
  const { type, rollingUpdate } = world.set.spec.updateStrategy ?? {};
  return type === "OnDelete" ? 0 : getScaledValue(rollingUpdate?.maxSurge ?? 0, desired(world), true);
}

/** Never less than one when nothing may surge, or a rollout could not move. */
function maxUnavailable(world: World): number {
  const given = world.set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1;
  return Math.max(1, getScaledValue(given, desired(world), true));
}
