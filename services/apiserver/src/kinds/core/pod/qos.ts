import type { Container, Pod, ResourceRequirements } from "@tskube/api";
import { parseQuantity } from "@tskube/apimachinery";

const counted = ["cpu", "memory"];

/** The quality of service of a pod: Guaranteed when every container's limits equal its requests, BestEffort when none has any. */
export function qosClass({ spec }: Pod): string {
  const podLevel = spec.resources;
  const all = podLevel ? [podLevel] : [...spec.containers, ...(spec.initContainers ?? [])].map(resourcesOf);
  const hasAny = all.some((one) => counted.some((name) => isSet(one.requests, name) || isSet(one.limits, name)));
  if (!hasAny) return "BestEffort";
  const isGuaranteed = all.every((one) =>
    counted.every(
      (name) => isSet(one.limits, name) && isSame(one.requests?.[name] ?? one.limits?.[name], one.limits?.[name]),
    ),
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

function resourcesOf({ resources }: Container): ResourceRequirements {
  return resources ?? {};
}

function isSet(list: Readonly<Record<string, string>> | undefined, name: string): boolean {
  const value = list?.[name];
  return value !== undefined && parseQuantity(value).nanos > 0n;
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && parseQuantity(a).nanos === parseQuantity(b).nanos;
}
