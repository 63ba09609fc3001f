import type { Pod, StatefulSet } from "@tskube/api";
import { getScaledValue } from "@tskube/apimachinery";
import { isPodAvailable, isPodReady, isPodTerminal } from "../../pods/pod-state.ts";
import { ordinalOf, revisionLabel } from "./identity.ts";

/** A set, its pods, and the names of the revisions it comes from and goes to. */
export interface World {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly nowMs: number;
}

/** One thing to do for the pod of a number. */
export type Step =
  | { readonly act: "create"; readonly ordinal: number; readonly revision: string }
  /** Ended by itself: goes, and comes again under the same name. */
  | { readonly act: "recreate"; readonly ordinal: number; readonly pod: Pod }
  | { readonly act: "delete"; readonly ordinal: number; readonly pod: Pod };

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

export function firstOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function isParallel({ spec }: StatefulSet): boolean {
  return spec.podManagementPolicy === "Parallel";
}

export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[revisionLabel] ?? "";
}

/** Members by number, and pods with numbers the set no longer has, the highest first. */
export function sortMembers(set: StatefulSet, pods: readonly Pod[]) {
  const members = new Map<number, Pod>();
  const condemned: { ordinal: number; pod: Pod }[] = [];
  const first = firstOrdinal(set);
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinal >= first && ordinal < first + replicasOf(set)) members.set(ordinal, pod);
    else condemned.push({ ordinal, pod });
  }
  condemned.sort((a, b) => b.ordinal - a.ordinal);
  return { members, condemned };
}

/**
 * What to do next. An ordered set takes one step at a time and waits for each pod to be available before the next; a parallel one
 * fills and empties at once. Rolling updates go from the highest number down, one after another, in both.
 */
export function planSteps(world: World): Step[] {
  const { set } = world;
  const filling = fill(world);
  if (filling.isBlocked) return filling.steps;
  const shrinking = shrink(world);
  const steps = [...filling.steps, ...shrinking.steps];
  if (shrinking.isBlocked || set.spec.updateStrategy?.type === "OnDelete") return steps;
  const taken = new Set(steps.map(({ ordinal }) => ordinal));
  return [...steps, ...roll(world).filter(({ ordinal }) => !taken.has(ordinal))];
}

interface Progress {
  readonly steps: Step[];
  /** Nothing further may be done before the pods that were met get on. */
  readonly isBlocked: boolean;
}

function fill(world: World): Progress {
  const { set } = world;
  const { members } = sortMembers(set, world.pods);
  const steps: Step[] = [];
  const first = firstOrdinal(set);
  for (let ordinal = first; ordinal < first + replicasOf(set); ordinal++) {
    const pod = members.get(ordinal);
    const step = stepFor(world, ordinal, pod);
    if (step) steps.push(step);
    if (isParallel(set)) continue;
    if (step || !pod || isGoing(pod) || !isMemberAvailable(world, pod)) return { steps, isBlocked: true };
  }
  return { steps, isBlocked: false };
}

function stepFor(world: World, ordinal: number, pod: Pod | undefined): Step | undefined {
  if (!pod) return { act: "create", ordinal, revision: revisionFor(world, ordinal) };
  return isPodTerminal(pod) && !isGoing(pod) ? { act: "recreate", ordinal, pod } : undefined;
}

/** Numbers below the partition, or not yet reached by the update, keep the revision they come from. */
function revisionFor({ set, currentRevision, updateRevision }: World, ordinal: number): string {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === "OnDelete") return updateRevision;
  const kept = rollingUpdate?.partition ?? set.status?.currentReplicas ?? 0;
  return ordinal < firstOrdinal(set) + kept ? currentRevision : updateRevision;
}

function shrink(world: World): Progress {
  const { condemned } = sortMembers(world.set, world.pods);
  const steps: Step[] = [];
  const firstUnhealthy = [...condemned].reverse().find(({ pod }) => !isHealthy(pod))?.pod;
  for (const { ordinal, pod } of condemned) {
    const isOrdered = !isParallel(world.set);
    if (isGoing(pod)) {
      if (isOrdered) return { steps, isBlocked: true };
      continue;
    }
    // A healthy set is shrunk from the top; below a pod that is not healthy nothing may go before it.
    if (isOrdered && !isMemberAvailable(world, pod) && pod !== firstUnhealthy) return { steps, isBlocked: true };
    steps.push({ act: "delete", ordinal, pod });
    if (isOrdered) return { steps, isBlocked: true };
  }
  return { steps, isBlocked: false };
}

/** Deletes pods of other revisions from the top, as many as may be unavailable at once, counting those that are already. */
function roll(world: World): Step[] {
  const { set, updateRevision } = world;
  const { members } = sortMembers(set, world.pods);
  const { partition = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const limit = Math.max(1, getScaledValue(maxUnavailable, replicasOf(set), false));
  const first = firstOrdinal(set);
  const steps: Step[] = [];
  let unavailable = 0;
  for (let ordinal = first + replicasOf(set) - 1; ordinal >= first + partition && unavailable < limit; ordinal--) {
    const pod = members.get(ordinal);
    const isOld = pod !== undefined && revisionOf(pod) !== updateRevision;
    if (isOld && !isGoing(pod)) steps.push({ act: "delete", ordinal, pod });
    if (isOld || !pod || isGoing(pod) || !isMemberAvailable(world, pod)) unavailable++;
  }
  return steps;
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Runs, is ready and stays. */
export function isHealthy(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod) && !isGoing(pod);
}

export function isMemberAvailable({ set, nowMs }: World, pod: Pod): boolean {
  return isHealthy(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
}

/** Whether a pod is called as members are: others are nothing to the set though it owns them. */
export function isNumbered(set: StatefulSet, pod: Pod): boolean {
  return ordinalOf(set, pod) !== undefined;
}
