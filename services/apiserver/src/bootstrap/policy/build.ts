import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  RbacSubject,
  Role,
  RoleBinding,
} from "../../auth/rbac/types.ts";

/** Every default object carries it, so that one can list them. */
const bootstrapLabels = { "kubernetes.io/bootstrapping": "rbac-defaults" };

/** `"true"` lets the reconciler complete the object at each start; an operator sets `"false"` to keep own changes. */
export const autoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;

export const read = "get list watch";
export const write = "create delete deletecollection patch update";
export const readWrite = `${read} ${write}`;

/**
 * One rule for resources. Verbs, groups and resources are words separated by spaces; the group `core` is the legacy one.
 * `names` restricts the rule to objects of these names.
 */
export function rule(verbs: string, groups: string, resources: string, names?: readonly string[]): PolicyRule {
  return {
    apiGroups: words(groups).map((group) => (group === "core" ? "" : group)),
    resources: words(resources),
    verbs: words(verbs),
    ...(names ? { resourceNames: [...names] } : {}),
  };
}

/** One rule for paths that are not resources. */
export function urls(verbs: string, ...paths: string[]): PolicyRule {
  return { nonResourceURLs: paths.sort(), verbs: words(verbs) };
}

export const events = rule("create update patch", "core events.k8s.io", "events");

function words(text: string): string[] {
  return text.split(" ").sort();
}

function metadata(name: string, labels: Readonly<Record<string, string>> = {}) {
  return { name, labels: { ...bootstrapLabels, ...labels }, annotations: { [autoUpdateAnnotation]: "true" } };
}

export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels?: Readonly<Record<string, string>>,
): ClusterRole {
  return { apiVersion, kind: "ClusterRole", metadata: metadata(name, labels), rules: [...rules] };
}

/** A cluster role whose rules the aggregation controller gathers from the roles that carry `label: "true"`. */
export function aggregatedRole(name: string, label: string, labels?: Readonly<Record<string, string>>): ClusterRole {
  return {
    apiVersion,
    kind: "ClusterRole",
    metadata: metadata(name, labels),
    rules: [],
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: "true" } }] },
  };
}

export function clusterBinding(role: string, subjects: readonly RbacSubject[], name = role): ClusterRoleBinding {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: metadata(name),
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [...subjects],
  };
}

export function namespacedRole(namespace: string, name: string, rules: readonly PolicyRule[]): Role {
  return { apiVersion, kind: "Role", metadata: { ...metadata(name), namespace }, rules: [...rules] };
}

export function namespacedBinding(
  namespace: string,
  role: string,
  subjects: readonly RbacSubject[],
  name = role,
): RoleBinding {
  return {
    apiVersion,
    kind: "RoleBinding",
    metadata: { ...metadata(name), namespace },
    roleRef: { apiGroup, kind: "Role", name: role },
    subjects: [...subjects],
  };
}

export function user(name: string): RbacSubject {
  return { apiGroup, kind: "User", name };
}

export function group(name: string): RbacSubject {
  return { apiGroup, kind: "Group", name };
}

export function serviceAccount(namespace: string, name: string): RbacSubject {
  return { kind: "ServiceAccount", name, namespace };
}
