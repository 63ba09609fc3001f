import type { ClusterRole, PolicyRule } from "../../auth/rbac/types.ts";
import { aggregatedRole, clusterRole, read, readWrite, rule, write } from "./build.ts";

const aggregateTo = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`;

/**
 * The roles for people: `admin`, `edit` and `view` hold no rules of their own. The aggregation controller fills each with the rules of all roles
 * labelled for it, the three below and those that extensions bring.
 */
const definitions: readonly ClusterRole[] = [
  aggregatedRole("admin", aggregateTo("admin")),
  aggregatedRole("edit", aggregateTo("edit"), { [aggregateTo("admin")]: "true" }),
  aggregatedRole("view", aggregateTo("view"), { [aggregateTo("edit")]: "true" }),
  clusterRole(
    "system:aggregate-to-admin",
    [
      rule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
      rule(readWrite, "rbac.authorization.k8s.io", "roles rolebindings"),
    ],
    { [aggregateTo("admin")]: "true" },
  ),
  clusterRole(
    "system:aggregate-to-edit",
    [
      // Reading secrets and proxying are powers of editors, not of viewers: they lead to other identities.
      rule(read, "core", "pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy"),
      rule("impersonate", "core", "serviceaccounts"),
      rule(write, "core", "pods pods/attach pods/proxy pods/exec pods/portforward"),
      rule("create", "core", "pods/eviction"),
      rule(
        write,
        "core",
        "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets events",
      ),
      rule("create", "core", "serviceaccounts/token"),
      rule(
        write,
        "apps",
        "statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets replicasets/scale",
      ),
      rule(write, "autoscaling", "horizontalpodautoscalers"),
      rule(write, "batch", "jobs cronjobs"),
      rule(
        write,
        "extensions",
        "daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale replicationcontrollers/scale networkpolicies",
      ),
      rule(write, "policy", "poddisruptionbudgets"),
      rule(write, "networking.k8s.io", "networkpolicies ingresses"),
      rule(readWrite, "coordination.k8s.io", "leases"),
      rule(write, "resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    ],
    { [aggregateTo("edit")]: "true" },
  ),
  clusterRole(
    "system:aggregate-to-view",
    [
      rule(
        read,
        "core",
        "pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps",
      ),
      rule(
        read,
        "core",
        "limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log",
      ),
      rule(read, "core", "namespaces"),
      rule(read, "discovery.k8s.io", "endpointslices"),
      rule(
        read,
        "apps",
        "controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale",
      ),
      rule(read, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
      rule(read, "batch", "jobs cronjobs cronjobs/status jobs/status"),
      rule(
        read,
        "extensions",
        "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status replicasets replicasets/scale replicasets/status replicationcontrollers/scale networkpolicies",
      ),
      rule(read, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
      rule(read, "networking.k8s.io", "networkpolicies ingresses ingresses/status"),
      rule(read, "resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates"),
    ],
    { [aggregateTo("view")]: "true" },
  ),
];

/** The same, with the rules that the controller would gather from these: people can work before it runs for the first time. */
export const userRoles: readonly ClusterRole[] = definitions.map((role) =>
  role.aggregationRule ? { ...role, rules: gatherRules(role) } : role,
);

function gatherRules(role: ClusterRole): PolicyRule[] {
  const labels = (role.aggregationRule?.clusterRoleSelectors ?? []).flatMap(({ matchLabels = {} }) =>
    Object.keys(matchLabels),
  );
  const gathered = definitions.filter(({ metadata }) => labels.some((label) => metadata.labels?.[label] === "true"));
  return gathered.flatMap((one) => (one.aggregationRule ? gatherRules(one) : one.rules));
}
