import type { KubeObject, PersistentVolumeClaim, Pod, ResourceQuota } from "@tskube/api";
import type { GroupResource } from "@tskube/apimachinery";
import { attributesClassesOf } from "./claims.ts";
import { claims, isSameResource, pods } from "./names.ts";
import { isBestEffort, isTerminating, reachesOtherNamespaces } from "./pods.ts";

interface Requirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Whether a quota counts the object: all of its scopes must hold. Only pods and claims have scopes, so that a scoped quota counts nothing else. */
export function isInScope({ spec }: ResourceQuota, resource: GroupResource, object: KubeObject): boolean {
  const requirements = requirementsOf(spec);
  if (requirements.length === 0) return true;
  if (isSameResource(resource, pods)) return requirements.every((one) => holdsForPod(one, object as Pod));
  if (isSameResource(resource, claims)) {
    return requirements.every((one) => holdsForClaim(one, object as PersistentVolumeClaim));
  }
  return false;
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

function holdsForPod({ scopeName, operator, values }: Requirement, pod: Pod): boolean {
  switch (scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return matchesValues(operator, values, pod.spec.priorityClassName ? [pod.spec.priorityClassName] : []);
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

function holdsForClaim({ scopeName, operator, values }: Requirement, claim: PersistentVolumeClaim): boolean {
  return scopeName === "VolumeAttributesClass" && matchesValues(operator, values, attributesClassesOf(claim));
}

function matchesValues(operator: string, wanted: readonly string[], present: readonly string[]): boolean {
  switch (operator) {
    case "In":
      return present.some((value) => wanted.includes(value));
    case "NotIn":
      return !present.some((value) => wanted.includes(value));
    case "DoesNotExist":
      return present.length === 0;
    default:
      return present.length > 0;
  }
}
