import type { Node, NodeCondition, Taint, Toleration } from "@tskube/api";

export const notReadyTaint = "node.kubernetes.io/not-ready";
export const unreachableTaint = "node.kubernetes.io/unreachable";
export const outOfServiceTaint = "node.kubernetes.io/out-of-service";

export function conditionOf(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type);
}

/** A node says it is ready, says it is not, or says nothing. */
export function readiness(node: Node): "True" | "False" | "Unknown" {
  const status = conditionOf(node, "Ready")?.status;
  return status === "True" || status === "False" ? status : "Unknown";
}

export function taintsOf(node: Node): readonly Taint[] {
  return node.spec?.taints ?? [];
}

export function tolerates(
  { key = "", operator = "Equal", value = "", effect = "" }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  return operator === "Exists" || (key !== "" && value === (taint.value ?? ""));
}
