import type { Pod } from "@tskube/api";
import { parseTime } from "@tskube/apimachinery";
import { type Amounts, isPositive } from "./amounts.ts";
import { isPlainResource } from "./names.ts";
import { podTotals } from "./pod-totals.ts";

/**
 * Whether a pod takes more than its place in the store: one that has ended does not, nor one that was deleted and whose node did not answer for
 * twice its grace.
 */
export function isPodCounted({ status, metadata }: Pod, nowMs: number): boolean {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= (parseTime(deletionTimestamp) ?? nowMs) + deletionGracePeriodSeconds * 1000;
}

export function podUsage(pod: Pod): Amounts {
  const { requests, limits } = podTotals(pod.spec);
  const usage: Record<string, string> = { pods: "1" };
  for (const [name, amount] of Object.entries(requests)) {
    usage[`requests.${name}`] = amount;
    if (isPlainResource(name)) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (isPlainResource(name)) usage[`limits.${name}`] = amount;
  return usage;
}

export function isBestEffort({ spec }: Pod): boolean {
  const { requests, limits } = podTotals(spec);
  return ["cpu", "memory"].every((name) => !isPositive(requests[name] ?? "0") && !isPositive(limits[name] ?? "0"));
}

export function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

/** Whether where the pod may run depends on pods of other namespaces. */
export function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}

/** Compute resources that a quota bounds and a container does not state: without them usage would not be known. */
export function unstatedResources({ spec }: Pod, bounded: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const unstated = new Map<string, string[]>();
  for (const name of bounded) {
    const [, kind = "requests", resource = ""] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(name) ?? [];
    if (!resource) continue;
    const list = kind === "limits" ? "limits" : "requests";
    if (spec.resources?.[list]?.[resource]) continue;
    const silent = containers.filter((container) => !container.resources?.[list]?.[resource]).map((one) => one.name);
    if (silent.length > 0) unstated.set(name, silent);
  }
  return unstated;
}
