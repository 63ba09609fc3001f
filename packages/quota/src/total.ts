import type { KubeObject, ResourceQuota } from "@tskube/api";
import { addQuantities, formatQuantity, type GroupResource, parseQuantity, type Quantity } from "@tskube/apimachinery";
import type { Amounts } from "./amounts.ts";
import { isInScope } from "./scopes.ts";
import { usageOf } from "./usage.ts";

/** What `objects` take together of what the quota bounds; names of which they take nothing are absent. */
export function totalUsage(
  quota: ResourceQuota,
  resource: GroupResource,
  objects: readonly KubeObject[],
  nowMs: number,
): Amounts {
  const bounded = quota.spec?.hard ?? {};
  const sums = new Map<string, Quantity>();
  for (const object of objects) {
    if (!isInScope(quota, resource, object)) continue;
    for (const [name, amount] of Object.entries(usageOf(resource, object, nowMs))) {
      if (!Object.hasOwn(bounded, name)) continue;
      const sum = sums.get(name);
      sums.set(name, sum ? addQuantities(sum, parseQuantity(amount)) : parseQuantity(amount));
    }
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, formatQuantity(sum)]));
}
