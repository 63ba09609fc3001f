import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
} from "@tskube/apimachinery";
import type { Container, PodSpec, ResourceRequirements } from "../generated/core/v1.ts";
import { fillIn } from "./quantities.ts";

type Amounts = Map<string, Quantity>;

/** A limit without a request asks for as much as it allows. */
export function requestsFromLimits(resources: ResourceRequirements | undefined): void {
  if (resources?.limits === undefined) return;
  resources.requests ??= {};
  fillIn(resources.requests, resources.limits);
}

/** Resources of a whole pod: limits of huge pages follow the containers', requests follow the containers' and then the pod's limits. */
export function defaultPodLevelResources(spec: PodSpec): void {
  const { resources } = spec;
  if (resources === undefined) return;
  defaultHugePageLimits(spec, resources);
  if (resources.limits === undefined || Object.keys(resources.limits).length === 0) return;
  const requests = { ...resources.requests };
  for (const [name, amount] of containerTotal(spec, "requests")) {
    if (isPodLevel(name) && !name.startsWith(hugePages)) fillIn(requests, { [name]: formatQuantity(amount) });
  }
  for (const [name, amount] of Object.entries(resources.limits)) {
    if (isPodLevel(name)) fillIn(requests, { [name]: amount });
  }
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

const hugePages = "hugepages-";

function isPodLevel(name: string): boolean {
  return name === "cpu" || name === "memory" || name.startsWith(hugePages);
}

function defaultHugePageLimits(spec: PodSpec, resources: ResourceRequirements): void {
  const said = { ...resources.limits, ...resources.requests };
  if (Object.keys(said).length === 0) return;
  const limits = { ...resources.limits };
  for (const [name, amount] of containerTotal(spec, "limits")) {
    if (name.startsWith(hugePages) && !Object.hasOwn(said, name)) limits[name] = formatQuantity(amount);
  }
  if (Object.keys(limits).length > 0) resources.limits = limits;
}

/**
 * What the containers need together at their most demanding moment: all that run side by side, or one init container with the sidecars that
 * were started before it.
 */
function containerTotal(spec: PodSpec, part: "requests" | "limits"): Amounts {
  const total: Amounts = new Map();
  for (const container of spec.containers) add(total, container, part);
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === "Always") {
      add(total, container, part);
      add(sidecars, container, part);
      raise(peak, sidecars);
    } else {
      const during: Amounts = new Map(sidecars);
      add(during, container, part);
      raise(peak, during);
    }
  }
  raise(total, peak);
  return total;
}

function add(total: Amounts, container: Container, part: "requests" | "limits"): void {
  for (const [name, text] of Object.entries(container.resources?.[part] ?? {})) {
    total.set(name, addQuantities(total.get(name) ?? quantityOf(0), parseQuantity(text)));
  }
}

function raise(total: Amounts, floor: Amounts): void {
  for (const [name, amount] of floor) {
    const present = total.get(name);
    if (present === undefined || compareQuantities(present, amount) < 0) total.set(name, amount);
  }
}
