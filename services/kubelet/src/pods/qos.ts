import type { Container, Pod } from "@tskube/api";
import { compareQuantities, parseQuantity } from "@tskube/apimachinery";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const computeResources = ["cpu", "memory"] as const;

/** The class decides who suffers first when the node runs short: from no requests at all to limits that equal the requests everywhere. */
export function qosClassOf(pod: Pod): QosClass {
  if (pod.status?.qosClass) return pod.status.qosClass as QosClass;
  const containers = [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])];
  if (containers.every(hasNoFigures)) return "BestEffort";
  return containers.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function figure(list: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  const value = list?.[name];
  return value === undefined || parseQuantity(value).nanos === 0n ? undefined : value;
}

function hasNoFigures(container: Container): boolean {
  const { requests, limits } = container.resources ?? {};
  return computeResources.every((name) => !figure(requests, name) && !figure(limits, name));
}

function isGuaranteed(container: Container): boolean {
  const { requests, limits } = container.resources ?? {};
  return computeResources.every((name) => {
    const limit = figure(limits, name);
    const request = requests?.[name] ?? limit;
    return (
      limit !== undefined &&
      request !== undefined &&
      compareQuantities(parseQuantity(limit), parseQuantity(request)) === 0
    );
  });
}
