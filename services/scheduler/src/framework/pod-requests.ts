import type { Container, ContainerStatus, Pod } from "@tskube/api";
import {
  addResources,
  cloneResources,
  maxResources,
  noResources,
  type ResourceList,
  type Resources,
  resourcesOf,
  setResource,
} from "./resources.ts";

/** What a container counts for in scores when it asks for nothing. */
export const defaultMilliCpu = 100;
export const defaultMemory = 200 * 1024 * 1024;

export interface NonZeroRequests {
  readonly milliCpu: number;
  readonly memory: number;
}

export interface PodRequests {
  readonly requests: Resources;
  /** With defaults for containers that ask for nothing; for scores only. */
  readonly nonZero: NonZeroRequests;
}

interface Defaults {
  readonly cpu: boolean;
  readonly memory: boolean;
}

/**
 * What a pod takes from its node: the most that is in use at one time (init containers run one after the other, beside the
 * sidecars started before them), or what the pod as a whole asks for, with the runtime's overhead.
 */
export function podRequests(pod: Pod): PodRequests {
  const requests = sumUp(pod, { cpu: false, memory: false });
  const own = pod.spec?.resources?.requests;
  const isPodLevel = podLevelNames(own).length > 0;
  const defaults = { cpu: !isPodLevel || requests.milliCpu === 0, memory: !isPodLevel || requests.memory === 0 };
  const { milliCpu, memory } = defaults.cpu || defaults.memory ? sumUp(pod, defaults) : requests;
  return { requests, nonZero: { milliCpu, memory } };
}

function sumUp(pod: Pod, defaults: Defaults): Resources {
  const spec = pod.spec;
  const statuses = new Map<string, ContainerStatus>();
  for (const status of pod.status?.containerStatuses ?? []) statuses.set(status.name, status);
  for (const status of pod.status?.initContainerStatuses ?? []) statuses.set(status.name, status);
  const isInfeasible = (pod.status?.conditions ?? []).some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
  const requestsOf = (container: Container): Resources =>
    containerRequests(container, statuses.get(container.name), isInfeasible, defaults);

  const running = noResources();
  for (const container of spec?.containers ?? []) addResources(running, requestsOf(container), 1);
  const sidecars = noResources();
  const atStart = noResources();
  for (const container of spec?.initContainers ?? []) {
    const own = requestsOf(container);
    if (container.restartPolicy === "Always") {
      addResources(running, own, 1);
      addResources(sidecars, own, 1);
      maxResources(atStart, sidecars);
    } else {
      addResources(own, sidecars, 1);
      maxResources(atStart, own);
    }
  }
  maxResources(running, atStart);
  const own = spec?.resources?.requests;
  for (const name of podLevelNames(own)) setResource(running, name, own?.[name] ?? "0");
  addResources(running, resourcesOf(spec?.overhead), 1);
  return running;
}

/** Only these may be asked for by a pod as a whole. */
function podLevelNames(list: ResourceList | undefined): string[] {
  return Object.keys(list ?? {}).filter((name) => name === "cpu" || name === "memory" || name.startsWith("hugepages-"));
}

/** A resize in place counts with the larger of what is wanted and what the node has given, until the node has followed. */
function containerRequests(
  container: Container,
  status: ContainerStatus | undefined,
  isInfeasible: boolean,
  defaults: Defaults,
): Resources {
  const requests = resourcesOf(container.resources?.requests);
  const given = status?.resources?.requests;
  const allocated = status?.allocatedResources;
  if (given || allocated) {
    const actual = resourcesOf(given);
    maxResources(actual, resourcesOf(allocated));
    if (isInfeasible) return withDefaults(actual, defaults);
    const both = cloneResources(requests);
    maxResources(both, actual);
    return withDefaults(both, defaults);
  }
  return withDefaults(requests, defaults);
}

function withDefaults(requests: Resources, defaults: Defaults): Resources {
  if (defaults.cpu && requests.milliCpu === 0) requests.milliCpu = defaultMilliCpu;
  if (defaults.memory && requests.memory === 0) requests.memory = defaultMemory;
  return requests;
}
