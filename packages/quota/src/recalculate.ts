import type { KubeObject, ResourceQuota, ResourceQuotaStatus } from "@tskube/api";
import { formatGroupResource, type GroupResource } from "@tskube/apimachinery";
import type { Amounts } from "./amounts.ts";
import { resourceCountedBy } from "./names.ts";
import { totalUsage } from "./total.ts";

/**
 * The status of a quota by the objects there are. `objectsOf` answers with those of the quota's namespace, or with nothing for a resource that
 * cannot be counted: what is known of its use stays then.
 */
export function recalculate(
  quota: ResourceQuota,
  objectsOf: (resource: GroupResource) => readonly KubeObject[] | undefined,
  nowMs: number,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const known = quota.status?.used ?? {};
  const totals = new Map<string, Amounts | undefined>();
  const used: Record<string, string> = {};
  for (const name of Object.keys(hard)) {
    const resource = resourceCountedBy(name);
    if (!resource) continue;
    const id = formatGroupResource(resource);
    if (!totals.has(id)) {
      const objects = objectsOf(resource);
      totals.set(id, objects && totalUsage(quota, resource, objects, nowMs));
    }
    const total = totals.get(id);
    const from = total ?? known;
    const amount = Object.hasOwn(from, name) ? from[name] : total && "0";
    if (amount !== undefined) used[name] = amount;
  }
  return { hard: { ...hard }, used };
}
