import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from "@tskube/api";
import { podTotals } from "@tskube/quota";
import type { AdmissionDeps } from "../deps.ts";
import { anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { joinReasons, refuse } from "../refuse.ts";
import { checkItem, type Resources } from "./limit-ranger/check-item.ts";
import { setContainerDefaults } from "./limit-ranger/container-defaults.ts";

/** Fills in and bounds the resources of pods, containers and claims by the LimitRanges of their namespace. */
export function limitRanger({ objects }: AdmissionDeps): AdmissionPlugin {
  const itemsOf = (namespace: string): LimitRangeItem[] =>
    objects
      .reader<LimitRange>({ group: "", resource: "limitranges" })
      .list(namespace)
      .flatMap((range) => range.spec.limits ?? []);
  const isPodCreation = writesTo("pods", "CREATE");
  return {
    name: "LimitRanger",
    handles: anyOf(isPodCreation, writesTo("persistentvolumeclaims", "CREATE", "UPDATE")),
    admit(attributes) {
      if (isPodCreation(attributes)) setContainerDefaults(objectOf<Pod>(attributes), itemsOf(attributes.namespace));
    },
    validate(attributes) {
      const items = itemsOf(attributes.namespace);
      const reasons = isPodCreation(attributes) ? checkPod(attributes, items) : checkClaim(attributes, items);
      if (reasons.length > 0) throw refuse(attributes, joinReasons(reasons));
    },
  };
}

function checkPod(attributes: AdmissionAttributes, items: readonly LimitRangeItem[]): string[] {
  if (items.length === 0) return [];
  const { spec } = objectOf<Pod>(attributes);
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return items.flatMap((item) => {
    if (item.type === "Pod") return checkItem(item, podTotals(spec));
    if (item.type !== "Container") return [];
    return containers.flatMap(({ resources }) => checkItem(item, resources ?? {}));
  });
}

function checkClaim(attributes: AdmissionAttributes, items: readonly LimitRangeItem[]): string[] {
  const requests: Resources = objectOf<PersistentVolumeClaim>(attributes).spec.resources?.requests ?? {};
  const bounds = items.filter((item) => item.type === "PersistentVolumeClaim");
  // A claim has no limits: its maximum bounds what it requests.
  return bounds.flatMap((item) => checkItem(item, { requests, limits: requests }));
}
