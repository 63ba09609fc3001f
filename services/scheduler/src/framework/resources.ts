import { quantityMilliValue, quantityValue, tryParseQuantity } from "@tskube/apimachinery";

export type ResourceList = Readonly<Record<string, string>>;

/** Amounts in the units the scheduler counts in: thousandths of a CPU, bytes, and whole units of everything else. */
export interface Resources {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** How many pods fit; of nodes only. */
  pods: number;
  /** Extended resources, huge pages and attachable volumes; absent when there are none. */
  scalars: Map<string, number> | undefined;
}

export function noResources(): Resources {
  return { milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0, scalars: undefined };
}

export function cloneResources(from: Resources): Resources {
  return { ...from, scalars: from.scalars && new Map(from.scalars) };
}

/** Adds `sign` times `what` to `to`; pods are not added. */
export function addResources(to: Resources, what: Resources, sign: 1 | -1): void {
  to.milliCpu += sign * what.milliCpu;
  to.memory += sign * what.memory;
  to.ephemeralStorage += sign * what.ephemeralStorage;
  if (!what.scalars) return;
  to.scalars ??= new Map();
  for (const [name, amount] of what.scalars) to.scalars.set(name, (to.scalars.get(name) ?? 0) + sign * amount);
}

/** Raises each amount of `to` to that of `what`. */
export function maxResources(to: Resources, what: Resources): void {
  to.milliCpu = Math.max(to.milliCpu, what.milliCpu);
  to.memory = Math.max(to.memory, what.memory);
  to.ephemeralStorage = Math.max(to.ephemeralStorage, what.ephemeralStorage);
  for (const [name, amount] of what.scalars ?? []) {
    to.scalars ??= new Map();
    to.scalars.set(name, Math.max(to.scalars.get(name) ?? 0, amount));
  }
}

/** Reads a resource list; a quantity that is none counts as zero, for validation has refused it. */
export function resourcesOf(list: ResourceList | undefined): Resources {
  const resources = noResources();
  for (const name in list) setResource(resources, name, list[name] ?? "0");
  return resources;
}

export function setResource(resources: Resources, name: string, written: string): void {
  switch (name) {
    case "cpu":
      resources.milliCpu = milliUnits(written);
      break;
    case "memory":
      resources.memory = units(written);
      break;
    case "ephemeral-storage":
      resources.ephemeralStorage = units(written);
      break;
    case "pods":
      resources.pods = units(written);
      break;
    default:
      resources.scalars ??= new Map();
      resources.scalars.set(name, units(written));
  }
}

/** The amount of one resource, zero when there is none of it. */
export function amountOf(resources: Resources, name: string): number {
  switch (name) {
    case "cpu":
      return resources.milliCpu;
    case "memory":
      return resources.memory;
    case "ephemeral-storage":
      return resources.ephemeralStorage;
    default:
      return resources.scalars?.get(name) ?? 0;
  }
}

function milliUnits(written: string): number {
  const quantity = tryParseQuantity(written);
  return quantity ? quantityMilliValue(quantity) : 0;
}

export function units(written: string): number {
  const quantity = tryParseQuantity(written);
  return quantity ? quantityValue(quantity) : 0;
}
