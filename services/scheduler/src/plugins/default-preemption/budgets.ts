import type { PodDisruptionBudget } from "@tskube/api";
import { selectorOrNothing } from "../../framework/affinity-terms.ts";
import type { PodInfo } from "../../framework/pod-info.ts";

export interface SplitByBudget {
  readonly violating: PodInfo[];
  readonly others: PodInfo[];
}

/** Which of the pods, taken in this order, could not go without breaking a disruption budget. */
export function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): SplitByBudget {
  const left = budgets.map((budget) => ({
    namespace: budget.metadata.namespace,
    selector: selectorOrNothing(budget.spec?.selector),
    disrupted: budget.status?.disruptedPods ?? {},
    allowed: budget.status?.disruptionsAllowed ?? 0,
  }));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    const { labels, namespace, name } = info.pod.metadata;
    let violates = false;
    for (const budget of left) {
      if (!labels || budget.namespace !== namespace || budget.selector.isEmpty) continue;
      // One whose disruption is under way has been counted by the server.
      if (!budget.selector.matches(labels) || Object.hasOwn(budget.disrupted, name)) continue;
      budget.allowed--;
      violates ||= budget.allowed < 0;
    }
    (violates ? violating : others).push(info);
  }
  return { violating, others };
}
