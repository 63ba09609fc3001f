import type { ServiceCIDR } from "@tskube/api";
import { isAlreadyExists } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { LocalObjects } from "../registry/objects.ts";
import { defaultRange, defaultRangeName, judgeDefault } from "./default-range.ts";
import { rangesResource } from "./local.ts";
import { repairAddresses } from "./repair-addresses.ts";
import { writeEvent } from "./write-event.ts";

export interface ServiceRangesDeps {
  readonly objects: LocalObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ServiceRangesFacts {
  /** `--service-cluster-ip-range`. */
  readonly clusterIpRange: string;
  readonly nodePorts: { readonly first: number; readonly last: number };
}

const repairMs = 3 * 60_000;
const retryMs = 1_000;

/** Keeps the ServiceCIDR `kubernetes`, and what services have of addresses and ports as it should be, until `signal` aborts. */
export async function runServiceRanges(
  facts: ServiceRangesFacts,
  deps: ServiceRangesDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = repairMs;
    try {
      await keepDefaultRange(facts, deps);
      await repairAddresses(facts, deps);
    } catch (error) {
      deps.logger.warn({ reason: errorMessage(error) }, "cannot keep the ranges of services yet");
      waitMs = retryMs;
    }
    await sleep(deps.clock, waitMs, signal);
  }
}

async function keepDefaultRange({ clusterIpRange }: ServiceRangesFacts, deps: ServiceRangesDeps): Promise<void> {
  const { objects, clock } = deps;
  const range = await ensure(objects, clusterIpRange);
  const verdict = judgeDefault(range, clusterIpRange, clock.now());
  if (verdict.event) await writeEvent(deps, range, "KubernetesDefaultServiceCIDRInconsistent", verdict.event);
  if (verdict.status) await objects.updateStatus(rangesResource, "", { ...range, status: verdict.status });
}

async function ensure(objects: LocalObjects, clusterIpRange: string): Promise<ServiceCIDR> {
  const present = objects.reader<ServiceCIDR>(rangesResource).get("", defaultRangeName);
  if (present) return present;
  try {
    return await objects.create(rangesResource, "", defaultRange(clusterIpRange));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return objects.get<ServiceCIDR>(rangesResource, "", defaultRangeName);
  }
}
