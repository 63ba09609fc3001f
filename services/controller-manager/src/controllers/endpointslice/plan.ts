import type { Endpoint, EndpointSlice } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import type { AddressType, SlicePort } from "./endpoints.ts";

/** The endpoints of one family and set of ports. */
export interface EndpointGroup {
  readonly type: AddressType;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly Endpoint[];
}

/** What to write so that slices hold the groups. */
export interface SlicePlan {
  readonly create: readonly { readonly group: EndpointGroup; readonly endpoints: readonly Endpoint[] }[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly remove: readonly EndpointSlice[];
}

/** Sorted by port name, so that slices with the same ports are found whatever their order. */
export function portsKey(type: string, ports: readonly SlicePort[] | EndpointSlice["ports"]): string {
  const rows = (ports ?? []).map(({ name = "", protocol = "TCP", port = 0, appProtocol = "" }) =>
    [name, protocol, port, appProtocol].join("|"),
  );
  return [type, ...rows.sort()].join(",");
}

/**
 * Fits the wanted endpoints into the slices there are with few writes: slices keep what is still wanted, changed ones take new endpoints first,
 * then one unchanged slice with room for all that is left, then new ones. Slices left empty go.
 */
export function planSlices(
  groups: readonly EndpointGroup[],
  slices: readonly EndpointSlice[],
  maxPerSlice: number,
): SlicePlan {
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = portsKey(slice.addressType, slice.ports);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  const create: { group: EndpointGroup; endpoints: readonly Endpoint[] }[] = [];
  const update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[] = [];
  const remove: EndpointSlice[] = [];
  for (const group of groups) {
    const key = portsKey(group.type, group.ports);
    const packed = packGroup(group.endpoints, byPorts.get(key) ?? [], maxPerSlice);
    byPorts.delete(key);
    create.push(...packed.create.map((endpoints) => ({ group, endpoints })));
    update.push(...packed.update);
    remove.push(...packed.remove);
  }
  for (const unused of byPorts.values()) remove.push(...unused);
  return reuse({ create, update, remove });
}

interface Filling {
  readonly slice: EndpointSlice;
  endpoints: Endpoint[];
  changed: boolean;
}

function packGroup(wanted: readonly Endpoint[], slices: readonly EndpointSlice[], maxPerSlice: number) {
  const left = new Map(wanted.map((endpoint) => [identity(endpoint), endpoint]));
  const fillings = slices.map((slice) => keepWanted(slice, left, maxPerSlice));
  const rest = [...left.values()];
  for (const filling of fillings) {
    if (filling.changed && filling.endpoints.length > 0) fill(filling, rest, maxPerSlice);
  }
  for (const filling of fillings) {
    if (rest.length > 0 && filling.changed) fill(filling, rest, maxPerSlice);
  }
  const roomy = fillings
    .filter(({ changed, endpoints }) => !changed && endpoints.length + rest.length <= maxPerSlice)
    .sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
  if (roomy && rest.length > 0) fill(roomy, rest, maxPerSlice);
  const create: Endpoint[][] = [];
  while (rest.length > 0) create.push(rest.splice(0, maxPerSlice));
  // A service without endpoints keeps one empty slice, so that its ports are known.
  const isEmpty = wanted.length === 0;
  const kept = fillings.filter(({ endpoints }, index) => endpoints.length > 0 || (isEmpty && index === 0));
  if (isEmpty && kept.length === 0) create.push([]);
  return {
    create,
    update: kept.filter(({ changed }) => changed).map(({ slice, endpoints }) => ({ slice, endpoints })),
    remove: fillings.filter((filling) => !kept.includes(filling)).map(({ slice }) => slice),
  };
}

/** Drops what is no longer wanted and takes changes over; what stays is taken out of `left`. */
function keepWanted(slice: EndpointSlice, left: Map<string, Endpoint>, maxPerSlice: number): Filling {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const old of slice.endpoints ?? []) {
    const now = left.get(identity(old));
    if (!now || endpoints.length >= maxPerSlice) {
      changed = true;
      continue;
    }
    left.delete(identity(old));
    endpoints.push(now);
    if (!deepEqual(old, now)) changed = true;
  }
  return { slice, endpoints, changed };
}

function fill(filling: Filling, rest: Endpoint[], maxPerSlice: number): void {
  const taken = rest.splice(0, Math.max(0, maxPerSlice - filling.endpoints.length));
  if (taken.length === 0) return;
  filling.endpoints.push(...taken);
  filling.changed = true;
}

/** An endpoint is the same as long as the pod and its address are. */
function identity({ addresses, targetRef }: Endpoint): string {
  return `${targetRef?.uid ?? ""}/${addresses[0] ?? ""}`;
}

/** A slice that would go becomes one that is to be created, when the family is the same: one write and not two. */
function reuse({ create, update, remove }: SlicePlan): SlicePlan {
  const free = [...remove];
  const stillCreate: SlicePlan["create"][number][] = [];
  const reused: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[] = [];
  for (const wanted of create) {
    const index = free.findIndex(({ addressType }) => addressType === wanted.group.type);
    const [slice] = index >= 0 ? free.splice(index, 1) : [];
    if (slice)
      reused.push({
        slice: { ...slice, ports: wanted.group.ports.map((port) => ({ ...port })) },
        endpoints: wanted.endpoints,
      });
    else stillCreate.push(wanted);
  }
  return { create: stillCreate, update: [...update, ...reused], remove: free };
}
