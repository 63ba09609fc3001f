import type { KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { uncoveredRules } from "../auth/rbac/covers.ts";
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from "../auth/rbac/types.ts";
import { autoUpdateAnnotation } from "./policy/build.ts";

/**
 * What a present role lacks of the default: rules, labels, annotations and aggregation selectors are added, never taken away. Undefined if nothing is
 * missing, or if the role's owner has switched updates off.
 */
export function completeRole<T extends Role | ClusterRole>(present: T, wanted: T): T | undefined {
  if (!mayUpdate(present)) return undefined;
  const selectors = missingSelectors(present, wanted);
  const rules = missingRules(present, wanted);
  const metadata = completeMetadata(present, wanted);
  if (!metadata && rules.length === 0 && selectors.length === 0) return undefined;
  return {
    ...present,
    metadata: metadata ?? present.metadata,
    rules: [...(present.rules ?? []), ...rules],
    ...(selectors.length > 0
      ? { aggregationRule: { clusterRoleSelectors: [...selectorsOf(present), ...selectors] } }
      : {}),
  };
}

/** The default's rules that grant something the present role does not. An aggregated role's belong to the aggregation controller. */
function missingRules(present: Role | ClusterRole, wanted: Role | ClusterRole): PolicyRule[] {
  const held = present.rules ?? [];
  // Nearly always so, and far cheaper than comparing what the rules grant.
  if (isAggregated(wanted) || deepEqual(held, wanted.rules)) return [];
  return (wanted.rules ?? []).filter((rule) => uncoveredRules(held, [rule]).length > 0);
}

export type BindingStep<T> = { readonly do: "nothing" | "recreate" } | { readonly do: "update"; readonly object: T };

/** What has to happen to a present binding. Its role cannot be changed: a binding to another role is replaced. */
export function completeBinding<T extends RoleBinding | ClusterRoleBinding>(present: T, wanted: T): BindingStep<T> {
  if (!mayUpdate(present)) return { do: "nothing" };
  if (!deepEqual(present.roleRef, wanted.roleRef)) return { do: "recreate" };
  const known = new Set((present.subjects ?? []).map(subjectKey));
  const missing = (wanted.subjects ?? []).filter((subject) => !known.has(subjectKey(subject)));
  const metadata = completeMetadata(present, wanted);
  if (!metadata && missing.length === 0) return { do: "nothing" };
  const subjects = [...(present.subjects ?? []), ...missing];
  return { do: "update", object: { ...present, metadata: metadata ?? present.metadata, subjects } };
}

function mayUpdate(object: KubeObject): boolean {
  return object.metadata.annotations?.[autoUpdateAnnotation] !== "false";
}

function subjectKey({ apiGroup, kind, namespace, name }: RbacSubject): string {
  return JSON.stringify([apiGroup ?? "", kind, namespace ?? "", name]);
}

function isAggregated(role: Role | ClusterRole): boolean {
  return selectorsOf(role).length > 0;
}

function selectorsOf(role: Role | ClusterRole) {
  return "aggregationRule" in role ? (role.aggregationRule?.clusterRoleSelectors ?? []) : [];
}

function missingSelectors(present: Role | ClusterRole, wanted: Role | ClusterRole) {
  const known = selectorsOf(present);
  return selectorsOf(wanted).filter((selector) => !known.some((one) => deepEqual(one, selector)));
}

/** The present metadata with the default's labels and annotations where it has none of that name; undefined if it has all. */
function completeMetadata<T extends KubeObject>(present: T, wanted: T): T["metadata"] | undefined {
  const labels = { ...wanted.metadata.labels, ...present.metadata.labels };
  const annotations = { ...wanted.metadata.annotations, ...present.metadata.annotations };
  const isComplete =
    Object.keys(labels).length === Object.keys(present.metadata.labels ?? {}).length &&
    Object.keys(annotations).length === Object.keys(present.metadata.annotations ?? {}).length;
  return isComplete ? undefined : { ...present.metadata, labels, annotations };
}
