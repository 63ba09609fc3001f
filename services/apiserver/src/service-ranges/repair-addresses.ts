import type { IPAddress, Service, ServiceCIDR } from "@tskube/api";
import { isAlreadyExists, isNotFound } from "@tskube/apimachinery";
import { addressRecord } from "../kinds/core/service/address-record.ts";
import { addressesOf } from "../kinds/core/service/pools.ts";
import { findRepairs, type Holdings, type Repair } from "./find-repairs.ts";
import { addressesResource, rangesResource, servicesResource } from "./local.ts";
import { type EventDeps, writeEvent } from "./write-event.ts";

/** Makes records of addresses agree with the services that have them, and tells of what it cannot help. */
export async function repairAddresses(facts: Pick<Holdings, "nodePorts">, deps: EventDeps): Promise<void> {
  const { objects } = deps;
  const repairs = findRepairs({
    services: objects.reader<Service>(servicesResource).list(),
    addresses: objects.reader<IPAddress>(addressesResource).list(),
    ranges: objects.reader<ServiceCIDR>(rangesResource).list(),
    nodePorts: facts.nodePorts,
  });
  for (const repair of repairs) await repairOne(repair, deps);
}

/** Caches of two resources may be apart by a moment: the store has the last word before anything is done. */
async function repairOne(repair: Repair, deps: EventDeps): Promise<void> {
  const { about, reason, message, record } = repair;
  if (record?.act === "create" && !(await createRecord(about as Service, record.address, deps))) return;
  if (record?.act === "delete" && !(await deleteRecord(about as IPAddress, deps))) return;
  await writeEvent(deps, about, reason, message);
}

async function createRecord(service: Service, address: string, { objects, clock }: EventDeps): Promise<boolean> {
  const { namespace = "", name } = service.metadata;
  const now = await found(objects.get<Service>(servicesResource, namespace, name));
  if (!now || !addressesOf(now).includes(address)) return false;
  try {
    await objects.create(addressesResource, "", addressRecord(address, now, clock.now()));
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw error;
  }
}

async function deleteRecord({ metadata, spec }: IPAddress, { objects }: EventDeps): Promise<boolean> {
  const { namespace = "", name = "" } = spec?.parentRef ?? {};
  const holder = name ? await found(objects.get<Service>(servicesResource, namespace, name)) : undefined;
  if (holder && addressesOf(holder).includes(metadata.name)) return false;
  try {
    await objects.delete(addressesResource, "", metadata.name, metadata.uid ? { uid: metadata.uid } : {});
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
