import type { KubeObject, Pod, ResourceQuota } from "@tskube/api";
import type { GroupResource } from "@tskube/apimachinery";
import {
  type Amounts,
  addAmounts,
  exceeds,
  isPositive,
  pickAmounts,
  printAmounts,
  subtractAmounts,
} from "./amounts.ts";
import { isSameResource, pods } from "./names.ts";
import { unstatedResources } from "./pods.ts";
import { isInScope } from "./scopes.ts";
import { usageOf } from "./usage.ts";

/** A write as quotas see it. */
export interface Write {
  readonly resource: GroupResource;
  readonly object: KubeObject;
  /** What the write replaces, on update. */
  readonly oldObject: KubeObject | undefined;
}

export type Charge =
  | { readonly is: "free" }
  | { readonly is: "refused"; readonly why: string }
  /** The quota's use once the write is done. */
  | { readonly is: "due"; readonly used: Amounts };

/**
 * What a write costs of one quota. `used` is what the namespace takes now. Updates that take less are free: the quota controller counts down.
 */
export function chargeFor(quota: ResourceQuota, used: Amounts, write: Write, nowMs: number): Charge {
  if (!isInScope(quota, write.resource, write.object)) return { is: "free" };
  const hard = quota.spec.hard ?? {};
  const names = Object.keys(hard);
  const unstated = isPodCreation(write) ? unstatedResources(write.object as Pod, names) : new Map<string, string[]>();
  if (unstated.size > 0) return { is: "refused", why: failedQuota(quota, unstated) };
  const delta = positive(pickAmounts(change(quota, write, nowMs), names));
  if (Object.keys(delta).length === 0) return { is: "free" };
  const next = addAmounts(used, delta);
  const over = Object.keys(delta).filter((name) => exceeds(next[name] ?? "0", hard[name] ?? "0"));
  if (over.length === 0) return { is: "due", used: pickAmounts(next, names) };
  const [requested, before, limited] = [delta, used, hard].map((amounts) => printAmounts(pickAmounts(amounts, over)));
  return {
    is: "refused",
    why: `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${before}, limited: ${limited}`,
  };
}

function change(quota: ResourceQuota, { resource, object, oldObject }: Write, nowMs: number): Amounts {
  const usage = usageOf(resource, object, nowMs);
  if (!oldObject || !isInScope(quota, resource, oldObject)) return usage;
  return subtractAmounts(usage, usageOf(resource, oldObject, nowMs));
}

function positive(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => isPositive(amount)));
}

function isPodCreation({ resource, oldObject }: Write): boolean {
  return isSameResource(resource, pods) && oldObject === undefined;
}

function failedQuota(quota: ResourceQuota, unstated: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...unstated]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, containers]) => `${name} for: ${containers.join(",")}`);
  return `failed quota: ${quota.metadata.name}: must specify ${parts.join("; ")}`;
}
