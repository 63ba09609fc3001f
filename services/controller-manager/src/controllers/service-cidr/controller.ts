import type { IPAddress, ServiceCIDR } from "@tskube/api";
import { formatTime, parseTime } from "@tskube/apimachinery";
import type { ResourceInfo } from "@tskube/client";
import {
  addFinalizer,
  after,
  type Controller,
  type Deps,
  done,
  hasFinalizer,
  type Result,
  removeFinalizer,
} from "@tskube/controller";
import { addressesHeldBy } from "./in-use.ts";

const group = "networking.k8s.io";
const rangesInfo: ResourceInfo = {
  group,
  version: "v1",
  resource: "servicecidrs",
  kind: "ServiceCIDR",
  namespaced: false,
};
const addressesInfo: ResourceInfo = {
  group,
  version: "v1",
  resource: "ipaddresses",
  kind: "IPAddress",
  namespaced: false,
};
const finalizer = "networking.k8s.io/service-cidr-finalizer";
/** So long an API server may still give out addresses of a range that it has not yet seen deleted. */
const deletionGraceMs = 10_000;

/** Makes ranges of service addresses ready, and keeps those that are deleted for as long as addresses need them. */
export function serviceCidrController({ client, clock, events, informers, logger }: Deps): Controller {
  const ranges = informers.dynamic<ServiceCIDR>(rangesInfo);
  const addresses = informers.dynamic<IPAddress>(addressesInfo);
  const objects = client.resource<ServiceCIDR>(rangesInfo);

  return {
    name: "service-cidr-controller",
    wakeOn: {},
    start(wake) {
      // A range may be what another one, which is being deleted, waits for.
      const wakeAll = () => {
        for (const { metadata } of ranges.lister.list()) wake(metadata.name);
      };
      ranges.on({ add: wakeAll, update: (_, { metadata }) => wake(metadata.name), delete: wakeAll });
      addresses.on({ delete: () => wakeLeaving(wake) });
    },
    async reconcile(name, signal) {
      // Addresses that are not known yet would let a range go that they need.
      await addresses.synced(signal);
      const range = ranges.lister.get(name);
      if (!range) return done;
      return range.metadata.deletionTimestamp ? leave(range) : makeReady(range);
    },
  };

  function wakeLeaving(wake: (key: string) => void): void {
    for (const { metadata } of ranges.lister.list()) if (metadata.deletionTimestamp) wake(metadata.name);
  }

  async function makeReady(range: ServiceCIDR): Promise<Result> {
    if (!hasFinalizer(range, finalizer)) await addFinalizer(objects, range, finalizer);
    // The API server itself says whether its own range is ready.
    if (!readyOf(range)) await setReady(range, "True", "", "Kubernetes Service CIDR is ready");
    return done;
  }

  async function leave(range: ServiceCIDR): Promise<Result> {
    if (!hasFinalizer(range, finalizer)) return done;
    const { name, deletionTimestamp = "" } = range.metadata;
    const others = ranges.lister.list().filter(({ metadata }) => metadata.name !== name);
    const held = addressesHeldBy(range, others, addresses.lister.list());
    if (held.length > 0) {
      const message =
        "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
      if (readyOf(range)?.reason !== "Terminating") {
        events.warn(range, "Terminating", message);
        await setReady(range, "False", "Terminating", message);
      }
      return done;
    }
    const waitMs = (parseTime(deletionTimestamp) ?? 0) + deletionGraceMs - clock.now();
    if (waitMs > 0) return after(waitMs);
    logger.info({ range: name }, "no address needs the range any more");
    await removeFinalizer(objects, range, finalizer);
    return done;
  }

  async function setReady(range: ServiceCIDR, status: string, reason: string, message: string): Promise<void> {
    const condition = { type: "Ready", status, reason, message, lastTransitionTime: formatTime(clock.now()) };
    await objects.patchStatus(range.metadata.name, { status: { conditions: [condition] } });
  }
}

function readyOf({ status }: ServiceCIDR) {
  return status?.conditions?.find(({ type }) => type === "Ready");
}
