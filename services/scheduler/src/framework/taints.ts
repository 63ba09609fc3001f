import type { Taint, Toleration } from "@tskube/api";

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
    default:
      return false;
  }
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Whether pods that do not tolerate the taint stay off the node. */
export function keepsOff({ effect }: Taint): boolean {
  return effect === "NoSchedule" || effect === "NoExecute";
}

export function hasUntoleratedTaint(taints: readonly Taint[], tolerations: readonly Toleration[]): boolean {
  return taints.some((taint) => keepsOff(taint) && !isTolerated(taint, tolerations));
}
