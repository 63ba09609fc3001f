import type { ClusterRole, PolicyRule } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { type Controller, type Deps, done } from "@tskube/controller";
import { selectorFrom } from "../../objects/meta.ts";

/** Writes the rules of cluster roles that are made of others, chosen by label. */
export function clusterRoleAggregation({ client, listers }: Deps): Controller {
  const { clusterroles } = listers;

  return {
    name: "clusterrole-aggregation",
    workers: 1,
    wakeOn: {
      // A role may be a part of any aggregate: there are few of these, and looking at one that is right writes nothing.
      ClusterRole: () =>
        clusterroles
          .list()
          .filter(isAggregate)
          .map(({ metadata }) => metadata.name),
    },
    async reconcile(name) {
      const role = clusterroles.get(name);
      if (!role || !isAggregate(role)) return done;
      const rules = aggregatedRules(role, clusterroles.list());
      if (!deepEqual(role.rules ?? [], rules)) await client.clusterroles().update({ ...role, rules });
      return done;
    },
  };
}

function isAggregate({ aggregationRule }: ClusterRole): boolean {
  return aggregationRule !== undefined;
}

/** The rules of all roles that the aggregate's selectors choose, in the order of their names, each once. */
export function aggregatedRules(aggregate: ClusterRole, roles: readonly ClusterRole[]): PolicyRule[] {
  const byName = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const spec of aggregate.aggregationRule?.clusterRoleSelectors ?? []) {
    const selector = selectorFrom(spec);
    for (const { metadata, rules: parts } of byName) {
      if (metadata.name === aggregate.metadata.name || !selector.matches(metadata.labels ?? {})) continue;
      for (const rule of parts ?? []) if (!rules.some((one) => deepEqual(one, rule))) rules.push(rule);
    }
  }
  return rules;
}
