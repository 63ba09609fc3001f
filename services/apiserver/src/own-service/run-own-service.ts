import type { EndpointSlice, Endpoints, KubeObject } from "@tskube/api";
import { deepEqual, isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, sleep } from "@tskube/base";
import type { GroupResource, LocalObjects } from "../registry/objects.ts";
import type { Peers } from "./peers.ts";
import { type OwnServiceFacts, wantedEndpoints, wantedService, wantedSlice } from "./wanted-objects.ts";

export interface OwnServiceDeps {
  readonly objects: LocalObjects;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly logger: Logger;
}

const renewMs = 10_000;
const retryMs = 1_000;
const firstWaitMs = 50;
const namespaces: GroupResource = { group: "", resource: "namespaces" };
const services: GroupResource = { group: "", resource: "services" };
const endpoints: GroupResource = { group: "", resource: "endpoints" };
const slices: GroupResource = { group: "discovery.k8s.io", resource: "endpointslices" };

/**
 * Keeps the service `default/kubernetes` and its endpoints, which are the servers that live, until `signal` aborts. This server then
 * leaves the endpoints, so that nobody is sent to it any more.
 */
export async function runOwnService(
  address: string,
  facts: OwnServiceFacts,
  deps: OwnServiceDeps,
  signal: AbortSignal,
): Promise<void> {
  const { peers, clock, logger } = deps;
  // The service stands in a namespace that another task of a first start makes.
  while (!signal.aborted && !deps.objects.reader(namespaces).get("", "default"))
    await sleep(clock, firstWaitMs, signal);
  while (!signal.aborted) {
    let waitMs = renewMs;
    try {
      await peers.announce(address);
      await ensureService(deps, facts);
      await writeEndpoints(deps, await peers.list(), facts);
    } catch (error) {
      logger.warn({ reason: errorMessage(error) }, "cannot keep the kubernetes service yet");
      waitMs = retryMs;
    }
    await sleep(clock, waitMs, signal);
  }
  try {
    await peers.withdraw(address);
    await writeEndpoints(deps, await peers.list(), facts);
  } catch (error) {
    logger.warn({ reason: errorMessage(error) }, "cannot leave the kubernetes service; others will notice");
  }
}

async function ensureService({ objects }: OwnServiceDeps, facts: OwnServiceFacts): Promise<void> {
  const wanted = wantedService(facts);
  if (objects.reader(services).get("default", wanted.metadata.name)) return;
  try {
    await objects.create(services, "default", wanted);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Without any server left the last endpoints stay: nobody could read others. */
async function writeEndpoints(
  deps: OwnServiceDeps,
  addresses: readonly string[],
  facts: OwnServiceFacts,
): Promise<void> {
  if (addresses.length === 0) return;
  const subsets = wantedEndpoints(addresses, facts);
  await write<Endpoints>(deps, endpoints, subsets, (present) => deepEqual(present.subsets, subsets.subsets));
  const slice = wantedSlice(addresses, facts);
  await write<EndpointSlice>(
    deps,
    slices,
    slice,
    (present) => deepEqual(present.endpoints, slice.endpoints) && deepEqual(present.ports, slice.ports),
  );
}

async function write<T extends KubeObject>(
  { objects }: OwnServiceDeps,
  resource: GroupResource,
  wanted: T,
  isSame: (present: T) => boolean,
): Promise<void> {
  const { namespace = "", name } = wanted.metadata;
  try {
    const present = await objects.get<T>(resource, namespace, name);
    if (isSame(present)) return;
    await objects.update(resource, namespace, { ...present, ...wanted, metadata: present.metadata });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await objects.create(resource, namespace, wanted);
  }
}
