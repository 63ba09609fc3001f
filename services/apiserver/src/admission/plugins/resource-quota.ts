import type { ResourceQuota } from "@tskube/api";
import { conflict, isConflict } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { type Amounts, chargeFor, totalUsage, usageOf, type Write } from "@tskube/quota";
import { BoundedCache } from "../../auth/bounded-cache.ts";
import type { GroupResource, LocalObjects } from "../../registry/objects.ts";
import { noConfiguration } from "../configuration/admission-configuration.ts";
import type { AdmissionDeps, AdmissionOptions } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";
import { limitedResources, uncovered } from "./limited-resources.ts";

const quotas = { group: "", resource: "resourcequotas" };
const maxAttempts = 10;
const settleMs = 5000;
const recountMs = 1000;

/** Events must get through also from a namespace in trouble, bindings and reviews are stored nowhere. */
const uncounted = new Set(["events", "bindings", "localsubjectaccessreviews"]);

/**
 * Charges each write to the quotas of its namespace before it is stored: the use in a quota's status is raised by compare-and-swap, so that
 * concurrent writers, here and in other apiservers, cannot together take more than there is.
 */
export function resourceQuota({ objects, clock }: AdmissionDeps, options: AdmissionOptions = {}): AdmissionPlugin {
  const limits = limitedResources(options.configuration ?? noConfiguration);
  const turns = new Map<string, Promise<unknown>>();
  const recounts = new RecountTimes(clock);
  /** Writers of one namespace would only make each other's swaps fail. */
  const inTurn = async (namespace: string, work: () => Promise<void>): Promise<void> => {
    const before = turns.get(namespace) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(namespace, mine);
    try {
      await mine;
    } finally {
      if (turns.get(namespace) === mine) turns.delete(namespace);
    }
  };
  return {
    name: "ResourceQuota",
    handles: ({ operation, namespace, subresource, resource, object }) =>
      namespace !== "" &&
      (subresource === "" || (resource === "pods" && subresource === "resize")) &&
      object !== undefined &&
      (operation === "CREATE" || operation === "UPDATE") &&
      !uncounted.has(resource),
    async validate(attributes) {
      const { namespace, object } = attributes;
      const all = objects.reader<ResourceQuota>(quotas).list(namespace);
      if (!object || (all.length === 0 && limits.length === 0)) return;
      const { group, resource, oldObject } = attributes;
      const write: Write = { resource: { group, resource }, object, oldObject };
      const why = uncovered(write, all, limits, clock.now());
      if (why !== undefined) throw refuse(attributes, why);
      const names = all.map((quota) => quota.metadata.name);
      await inTurn(namespace, async () => {
        for (const name of names) await charge(name, write, attributes, { objects, recounts, clock });
      });
    },
  };
}

interface ChargeDeps {
  readonly objects: LocalObjects;
  readonly recounts: RecountTimes;
  readonly clock: Clock;
}

async function charge(name: string, write: Write, attributes: AdmissionAttributes, deps: ChargeDeps): Promise<void> {
  const { objects, recounts, clock } = deps;
  const { namespace } = attributes;
  const nowMs = clock.now();
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const cached = objects.reader<ResourceQuota>(quotas).get(namespace, name);
    const quota = attempt === 1 && cached ? cached : await objects.get<ResourceQuota>(quotas, namespace, name);
    const countOf = (resource: GroupResource) =>
      totalUsage(quota, resource, objects.reader(resource).list(namespace), nowMs);
    const used = currentUsage(quota, write.resource, countOf);
    let due = chargeFor(quota, used, write, nowMs);
    if (due.is === "refused" && recounts.mayRecount(quota)) {
      const names = Object.keys(usageOf(write.resource, write.object, nowMs));
      due = chargeFor(quota, recount(used, names, countOf(write.resource)), write, nowMs);
    }
    if (due.is === "refused") throw refuse(attributes, due.why);
    if (due.is === "free" || attributes.dryRun) return;
    try {
      const status = { hard: { ...quota.spec.hard }, used: { ...quota.status?.used, ...due.used } };
      await objects.updateStatus<ResourceQuota>(quotas, namespace, { ...quota, status });
      recounts.charged(quota);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw conflict(quotas, name, "the quota changes too often to be charged; please try again");
}

/**
 * When what a status says may be replaced by a count of the objects there are. The quota controller does so when objects go; where it is late or
 * absent, a count keeps what has been freed from being lost. Not soon after a charge, though: its object may not have reached the cache.
 */
class RecountTimes {
  readonly #clock: Clock;
  readonly #notBeforeMs = new BoundedCache<number>(4096);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  charged({ metadata }: ResourceQuota): void {
    this.#notBeforeMs.set(metadata.uid ?? "", this.#clock.monotonic() + settleMs);
  }

  /** True once, and then not for a while: counting costs as much as there are objects. */
  mayRecount({ metadata }: ResourceQuota): boolean {
    const now = this.#clock.monotonic();
    if (now < (this.#notBeforeMs.get(metadata.uid ?? "") ?? 0)) return false;
    this.#notBeforeMs.set(metadata.uid ?? "", now + recountMs);
    return true;
  }
}

/** What the status says; counted from the objects there are for what no controller has put there yet. */
function currentUsage(
  quota: ResourceQuota,
  resource: GroupResource,
  countOf: (resource: GroupResource) => Amounts,
): Amounts {
  const known = quota.status?.used ?? {};
  const names = Object.keys(quota.spec?.hard ?? {});
  if (names.every((name) => known[name] !== undefined)) return known;
  return { ...zeros(names), ...countOf(resource), ...known };
}

/** The use with the amounts called `names` counted anew. */
function recount(used: Amounts, names: readonly string[], counted: Amounts): Amounts {
  return { ...used, ...zeros(names.filter((name) => used[name] !== undefined)), ...counted };
}

function zeros(names: readonly string[]): Amounts {
  return Object.fromEntries(names.map((name) => [name, "0"]));
}
