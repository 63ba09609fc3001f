import type { PodDisruptionBudget } from "@tskube/api";
import type { CycleState } from "../../framework/cycle-state.ts";
import type { NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Profile } from "../../framework/profile.ts";
import { type Status, unresolvable } from "../../framework/status.ts";
import { splitByBudget } from "./budgets.ts";
import { byImportance, type Candidate } from "./victims.ts";

const nobodyToRemove = unresolvable("No preemption victims found for incoming pod");

/**
 * The pods that must go from a node for `pod` to fit, as few and as unimportant as possible, or why it would not fit anyway.
 * All pods of lower priority are taken off a copy of the node, then put back one by one as long as the pod still fits:
 * those under a spent disruption budget first, and important ones before unimportant ones.
 */
export function victimsOn(
  pod: PodInfo,
  node: NodeInfo,
  state: CycleState,
  profile: Profile,
  budgets: readonly PodDisruptionBudget[],
): Candidate | Status {
  const lower = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return nobodyToRemove;
  const trialNode = node.clone();
  const trialState = state.clone();
  for (const one of lower) profile.removePod(trialState, pod, one, trialNode);
  const misfit = profile.filterWithNominated(trialState, pod, trialNode);
  if (misfit) return misfit;

  const { violating, others } = splitByBudget(lower.sort(byImportance), budgets);
  const victims: PodInfo[] = [];
  const mayStay = (one: PodInfo) => {
    profile.addPod(trialState, pod, one, trialNode);
    if (!profile.filterWithNominated(trialState, pod, trialNode)) return true;
    profile.removePod(trialState, pod, one, trialNode);
    victims.push(one);
    return false;
  };
  let pdbViolations = 0;
  for (const one of violating) if (!mayStay(one)) pdbViolations++;
  for (const one of others) mayStay(one);
  return { nodeName: node.name, victims: victims.sort(byImportance), pdbViolations };
}
