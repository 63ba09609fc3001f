import type { PersistentVolumeClaim, ResourceClaim } from "@tskube/api";
import { compareQuantities, parseQuantity } from "@tskube/apimachinery";
import { type Amounts, addAmounts } from "./amounts.ts";
import { deviceClassSuffix, storageClassSuffix } from "./names.ts";

/** A request for all devices may get so many at most. */
const mostDevicesOfRequest = 32;

export function claimUsage(claim: PersistentVolumeClaim): Amounts {
  const { spec, metadata } = claim;
  const storage = storageOf(claim);
  const className = metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec.storageClassName;
  const own: Amounts = { persistentvolumeclaims: "1", ...(storage ? { "requests.storage": storage } : {}) };
  if (!className) return own;
  const prefix = className + storageClassSuffix;
  return { ...own, ...Object.fromEntries(Object.entries(own).map(([name, amount]) => [prefix + name, amount])) };
}

/** What is asked for; while an expansion is taken back, what was already allocated if that is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const requested = spec.resources?.requests?.storage;
  const allocated = status?.allocatedResources?.storage;
  if (!requested || !allocated) return requested;
  return compareQuantities(parseQuantity(allocated), parseQuantity(requested)) > 0 ? allocated : requested;
}

/** The classes of volume attributes that a claim has, had or is to get. */
export function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return names.filter((name): name is string => !!name);
}

interface DeviceRequest {
  readonly deviceClassName?: string | undefined;
  readonly allocationMode?: string | undefined;
  readonly count?: number | undefined;
}

/** Devices by class; of alternatives the costliest counts for each class. */
export function deviceUsage({ spec }: ResourceClaim): Amounts {
  return (spec.devices?.requests ?? []).reduce<Amounts>((sum, { exactly, firstAvailable }) => {
    const alternatives: readonly DeviceRequest[] = firstAvailable?.length ? firstAvailable : exactly ? [exactly] : [];
    return addAmounts(sum, worstCase(alternatives));
  }, {});
}

function worstCase(alternatives: readonly DeviceRequest[]): Amounts {
  const most: Record<string, number> = {};
  for (const { deviceClassName = "", allocationMode, count } of alternatives) {
    const name = deviceClassName + deviceClassSuffix;
    most[name] = Math.max(most[name] ?? 0, allocationMode === "All" ? mostDevicesOfRequest : (count ?? 1));
  }
  return Object.fromEntries(Object.entries(most).map(([name, amount]) => [name, String(amount)]));
}
