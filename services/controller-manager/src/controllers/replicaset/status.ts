import type { Pod, ReplicaSetCondition, ReplicaSetStatus } from "@tskube/api";
import { selectorFromLabels } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { withCondition } from "../../objects/meta.ts";
import { availableAt, isPodActive, isPodReady } from "../../pods/pod-state.ts";
import { minReadySeconds, type Replicated, templateOf } from "./kinds.ts";

export interface Observed {
  readonly set: Replicated;
  /** All pods of the set, those that end included. */
  readonly pods: readonly Pod[];
  /** What went wrong while creating or deleting, and whether too few or too many were there. */
  readonly failure?: { readonly error: unknown; readonly missing: number } | undefined;
  readonly nowMs: number;
}

/** The status that these pods mean. */
export function computeStatus({ set, pods, failure, nowMs }: Observed): ReplicaSetStatus {
  const active = pods.filter(isPodActive);
  const ready = active.filter(isPodReady);
  const labels = selectorFromLabels(templateOf(set).metadata?.labels);
  const available = ready.filter((pod) => availableAt(pod, minReadySeconds(set)) <= nowMs);
  const terminating = pods.filter(
    ({ metadata, status }) => metadata.deletionTimestamp && status?.phase !== "Succeeded" && status?.phase !== "Failed",
  );
  const conditions = conditionsOf(set, failure, nowMs);
  return {
    replicas: active.length,
    ...positive("fullyLabeledReplicas", active.filter((pod) => labels.matches(pod.metadata.labels ?? {})).length),
    ...positive("readyReplicas", ready.length),
    ...positive("availableReplicas", available.length),
    ...(set.kind === "ReplicaSet" && { terminatingReplicas: terminating.length }),
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    ...(conditions.length > 0 && { conditions: [...conditions] }),
  };
}

/** Counts of zero are absent in these statuses. */
function positive<K extends string>(key: K, count: number): { [P in K]?: number } {
  return count > 0 ? ({ [key]: count } as { [P in K]?: number }) : {};
}

function conditionsOf(set: Replicated, failure: Observed["failure"], nowMs: number): readonly ReplicaSetCondition[] {
  const before: readonly ReplicaSetCondition[] = set.status?.conditions ?? [];
  if (!failure) return before.filter(({ type }) => type !== "ReplicaFailure");
  if (before.some(({ type }) => type === "ReplicaFailure")) return before;
  const reason = failure.missing > 0 ? "FailedCreate" : "FailedDelete";
  const message = errorMessage(failure.error);
  return withCondition(before, { type: "ReplicaFailure", status: "True", reason, message }, nowMs);
}

/** How long until the next ready pod becomes available, if one is to. */
export function nextAvailabilityMs(set: Replicated, pods: readonly Pod[], nowMs: number): number | undefined {
  const waits = pods
    .filter(isPodActive)
    .map((pod) => availableAt(pod, minReadySeconds(set)) - nowMs)
    .filter((wait) => wait > 0 && Number.isFinite(wait));
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
