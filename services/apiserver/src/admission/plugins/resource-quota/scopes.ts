import type { KubeObject, Pod, ResourceQuota } from "@tskube/api";
import type { GroupResource } from "../../../registry/objects.ts";
import { podTotals } from "../pod-totals.ts";

interface Requirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Whether a quota counts the object: all of its scopes must hold. Only pods have scopes, so that a scoped quota counts nothing else. */
export function isInScope({ spec }: ResourceQuota, resource: GroupResource, object: KubeObject): boolean {
  const requirements = requirementsOf(spec);
  if (requirements.length === 0) return true;
  if (resource.group !== "" || resource.resource !== "pods") return false;
  return requirements.every((requirement) => matches(requirement, object as Pod));
}

function requirementsOf(spec: ResourceQuota["spec"]): Requirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists", values: [] }));
  const selected = (spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName, operator, values }) => ({
    scopeName,
    operator,
    values: values ?? [],
  }));
  return [...plain, ...selected];
}

function matches({ scopeName, operator, values }: Requirement, pod: Pod): boolean {
  switch (scopeName) {
    case "Terminating":
      return pod.spec.activeDeadlineSeconds !== undefined;
    case "NotTerminating":
      return pod.spec.activeDeadlineSeconds === undefined;
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return matchesValue(operator, values, pod.spec.priorityClassName ?? "");
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

function matchesValue(operator: string, values: readonly string[], value: string): boolean {
  switch (operator) {
    case "In":
      return values.includes(value);
    case "NotIn":
      return !values.includes(value);
    case "DoesNotExist":
      return value === "";
    default:
      return value !== "";
  }
}

function isBestEffort({ spec }: Pod): boolean {
  const { requests, limits } = podTotals(spec);
  return ["cpu", "memory"].every((name) => !requests[name] && !limits[name]);
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}
