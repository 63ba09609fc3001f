import type { CycleState } from "../../framework/cycle-state.ts";
import type { Handle, PluginDefinition } from "../../framework/handle.ts";
import { NodeStatuses } from "../../framework/node-statuses.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { PostFilterResult } from "../../framework/points.ts";
import { failure, unresolvable, unschedulable } from "../../framework/status.ts";
import { Diagnosis, describe } from "../../scheduling/diagnosis.ts";
import { victimsOn } from "./dry-run.ts";
import { evict, outrankedOn } from "./evict.ts";
import { type Candidate, leastHarm } from "./victims.ts";

interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage?: number;
  readonly minCandidateNodesAbsolute?: number;
}

const notHelpful = unresolvable("Preemption is not helpful for scheduling");

/** Makes room for a pod by removing pods of lower priority from the node where that does the least harm. */
export const defaultPreemption: PluginDefinition = {
  name: "DefaultPreemption",
  create(rawArgs, handle) {
    const args = (rawArgs ?? {}) as DefaultPreemptionArgs;
    const limits = {
      percentage: args.minCandidateNodesPercentage ?? 10,
      absolute: args.minCandidateNodesAbsolute ?? 100,
    };
    const budgets = handle.informers.listers.poddisruptionbudgets;
    return {
      name: "DefaultPreemption",
      async postFilter(state, pod, statuses) {
        handle.metrics.preemptionTried();
        const reason = ineligible(pod, statuses, handle);
        if (reason) return rejected(reason);
        const { candidates, verdicts } = findCandidates(pod, state, statuses, limits, handle, budgets.list());
        const chosen = leastHarm(candidates);
        if (!chosen) {
          const diagnosis = new Diagnosis(verdicts);
          return rejected(describe(diagnosis, handle.snapshot().nodes.length), "");
        }
        return preempt(chosen, pod, handle);
      },
    };
  },
};

function rejected(reason: string, nominatedNode?: string): PostFilterResult {
  const status = unschedulable(`preemption: ${reason}`);
  return nominatedNode === undefined ? { status } : { status, nominatedNode };
}

/** Why the pod may not preempt now, if so. */
function ineligible(pod: PodInfo, statuses: NodeStatuses, { snapshot }: Handle): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = pod.pod.status?.nominatedNodeName;
  if (!nominated || statuses.get(nominated).code === "UnschedulableAndUnresolvable") return undefined;
  // It has made room there already: its victims are still on their way out.
  for (const other of snapshot().get(nominated)?.pods.values() ?? []) {
    if (other.priority < pod.priority && isBeingPreempted(other))
      return "not eligible due to a terminating pod on the nominated node.";
  }
  return undefined;
}

function isBeingPreempted({ pod }: PodInfo): boolean {
  if (!pod.metadata.deletionTimestamp) return false;
  return (pod.status?.conditions ?? []).some(
    ({ type, status, reason }) =>
      type === "DisruptionTarget" && status === "True" && reason === "PreemptionByScheduler",
  );
}

interface Limits {
  readonly percentage: number;
  readonly absolute: number;
}

interface Found {
  readonly candidates: readonly Candidate[];
  /** Why nodes are no candidates. */
  readonly verdicts: NodeStatuses;
}

/** Tries nodes from a random one on, until there are enough candidates to choose from. */
function findCandidates(
  pod: PodInfo,
  state: CycleState,
  statuses: NodeStatuses,
  limits: Limits,
  handle: Handle,
  budgets: Parameters<typeof victimsOn>[4],
): Found {
  const { nodes } = handle.snapshot();
  const verdicts = new NodeStatuses(notHelpful);
  const potential = nodes.filter(({ name }) => statuses.get(name).code === "Unschedulable");
  const enough = Math.max(limits.absolute, Math.floor((potential.length * limits.percentage) / 100));
  const offset = Math.floor(handle.random() * potential.length);
  const candidates: Candidate[] = [];
  for (let i = 0; i < potential.length && candidates.length < enough; i++) {
    const node = potential[(offset + i) % potential.length];
    if (!node) continue;
    const answer = victimsOn(pod, node, state, handle.profile(), budgets);
    if ("code" in answer) verdicts.set(node.name, answer);
    else if (answer.victims.length > 0) candidates.push(answer);
  }
  return { candidates, verdicts };
}

async function preempt({ nodeName, victims }: Candidate, pod: PodInfo, handle: Handle): Promise<PostFilterResult> {
  try {
    await Promise.all(victims.map((victim) => evict(victim, pod, nodeName, handle)));
  } catch (error) {
    return { status: failure(error) };
  }
  handle.metrics.preempted(victims.length);
  const outranked = outrankedOn(nodeName, pod, handle);
  for (const other of outranked) handle.nominator.delete(other.uid);
  // They may find another place now that this one is taken.
  handle.activate(outranked);
  return { status: undefined, nominatedNode: nodeName };
}
