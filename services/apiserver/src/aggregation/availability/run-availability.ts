import type { EndpointSlice, Service } from "@tskube/api";
import { deepEqual, getCondition } from "@tskube/apimachinery";
import type { Clock, Logger, MetricsRegistry } from "@tskube/base";
import type { LocalObjects, ObjectChange } from "../../registry/objects.ts";
import { type APIService, apiServices, serviceOf } from "../api-service/api-service.ts";
import { type Availability, localAvailability, withAvailability } from "../api-service/conditions.ts";
import { startKeyedWorkers } from "../keyed-workers.ts";
import type { Remotes } from "../proxy/remotes.ts";
import { serviceNameLabel, slicesOf } from "../proxy/resolve-service.ts";
import { checkService } from "./check-service.ts";
import { availabilityMetrics } from "./metrics.ts";
import { probe } from "./probe.ts";

export interface AvailabilityDeps {
  readonly objects: LocalObjects;
  readonly remotes: Remotes;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

const workerCount = 5;
/** Nothing tells when a server stops to answer: it is asked again after this time. */
const recheckMs = 30_000;
const services = { group: "", resource: "services" };
const slices = { group: "discovery.k8s.io", resource: "endpointslices" };

/** Keeps the `Available` condition of every APIService true to what is so. Writes only what changes. */
export function startAvailability(deps: AvailabilityDeps): { close(): Promise<void> } {
  const { objects, clock } = deps;
  const reader = objects.reader<APIService>(apiServices);
  const metrics = availabilityMetrics(deps.metrics);

  const workers = startKeyedWorkers("availability", workerCount, {
    ...deps,
    async reconcile(name, signal) {
      const service = reader.get("", name);
      if (!service) {
        metrics.forget(name);
        return undefined;
      }
      const found = await availabilityOf(service, deps, signal);
      if (!found || signal.aborted) return undefined;
      metrics.observe(service, found);
      const next = withAvailability(service, found, clock.now());
      if (next !== service) await objects.updateStatus(apiServices, "", next);
      if (found.reason === "FailedDiscoveryCheck") throw new Error(found.message);
      return serviceOf(service) ? recheckMs : undefined;
    },
  });

  const backends = followBackends(deps, (name) => workers.add(name));
  const stopServices = reader.subscribe((change) => {
    if (!saysNothingNew(change)) workers.add(change.object.metadata.name);
    backends.adjust();
  });
  return {
    async close() {
      stopServices();
      backends.close();
      await workers.close();
    },
  };
}

/** A write of ours that only words the same finding otherwise must not lead to the next one. */
function saysNothingNew(change: ObjectChange<APIService>): boolean {
  if (change.type !== "MODIFIED" || !change.old || !deepEqual(change.old.spec, change.object.spec)) return false;
  const [before, after] = [change.old, change.object].map((one) => getCondition(one, "Available"));
  return before?.status === after?.status && before?.reason === after?.reason;
}

/** Tells which APIServices to look at when services or their endpoints change; follows those only while somebody depends on them. */
function followBackends({ objects, remotes }: AvailabilityDeps, touch: (name: string) => void) {
  const stops: Array<() => void> = [];
  const touchAll = (namespace = "", service = "") => {
    for (const { name, target } of remotes.all()) {
      if (target.namespace === namespace && target.name === service) touch(name);
    }
  };
  const close = () => {
    for (const stop of stops.splice(0)) stop();
  };
  return {
    adjust() {
      if (remotes.all().length === 0) return close();
      if (stops.length > 0) return;
      stops.push(
        objects.reader<Service>(services).subscribe(({ object: { metadata } }) => {
          touchAll(metadata.namespace, metadata.name);
        }),
        objects.reader<EndpointSlice>(slices).subscribe(({ object: { metadata } }) => {
          touchAll(metadata.namespace, metadata.labels?.[serviceNameLabel]);
        }),
      );
    },
    close,
  };
}

async function availabilityOf(
  service: APIService,
  { objects, remotes }: AvailabilityDeps,
  signal: AbortSignal,
): Promise<Availability | undefined> {
  const target = serviceOf(service);
  if (!target) return localAvailability;
  const behind = objects.reader<Service>(services).get(target.namespace, target.name);
  const found = checkService(target, behind, slicesOf(target, objects));
  if (found) return found;
  const remote = remotes.get(service.metadata.name);
  return remote && probe(remote, signal);
}
