import type { CycleState } from "../framework/cycle-state.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { PodInfo } from "../framework/pod-info.ts";
import type { Profile } from "../framework/profile.ts";
import type { Snapshot } from "../framework/snapshot.ts";
import { failure, isRejected, messageOf, type Status, unresolvable } from "../framework/status.ts";
import { Diagnosis } from "./diagnosis.ts";
import { enoughFeasibleNodes } from "./sampling.ts";
import { placeOfBest } from "./select-node.ts";

export type Placement =
  | { readonly kind: "found"; readonly nodeName: string; readonly evaluated: number; readonly feasible: number }
  | { readonly kind: "unschedulable"; readonly diagnosis: Diagnosis }
  | { readonly kind: "failed"; readonly status: Status };

export interface NodeFinderOptions {
  readonly percentageOfNodesToScore: number | undefined;
  readonly random: () => number;
}

/** Chooses nodes for pods; remembers where its search ended, so that all nodes get their turn when not all are looked at. */
export class NodeFinder {
  readonly #options: NodeFinderOptions;
  #startAt = 0;

  constructor(options: NodeFinderOptions) {
    this.#options = options;
  }

  find(profile: Profile, state: CycleState, pod: PodInfo, snapshot: Snapshot): Placement {
    const diagnosis = new Diagnosis();
    const found = this.#feasible(profile, state, pod, snapshot, diagnosis);
    if (!Array.isArray(found)) return { kind: "failed", status: found };
    if (found.length === 0) return { kind: "unschedulable", diagnosis };
    const evaluated = found.length + diagnosis.statuses.size;
    const nodeName = found.length === 1 ? found[0]?.name : this.#best(profile, state, pod, found, snapshot);
    if (typeof nodeName !== "string") return { kind: "failed", status: nodeName ?? failure("no node was chosen") };
    return { kind: "found", nodeName, evaluated, feasible: found.length };
  }

  #best(
    profile: Profile,
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    snapshot: Snapshot,
  ): string | Status | undefined {
    const broken = profile.preScore(state, pod, nodes, snapshot);
    if (broken) return broken;
    const scores = profile.score(state, pod, nodes);
    return nodes[placeOfBest(scores, this.#options.random)]?.name;
  }

  /** Nodes the pod can run on, or what broke. Rejections go into `diagnosis`. */
  #feasible(
    profile: Profile,
    state: CycleState,
    pod: PodInfo,
    snapshot: Snapshot,
    diagnosis: Diagnosis,
  ): NodeInfo[] | Status {
    const { verdict, only, narrowedBy } = profile.preFilter(state, pod, snapshot);
    if (verdict) {
      if (!isRejected(verdict)) return verdict;
      diagnosis.statuses.absent = verdict;
      diagnosis.preFilterMessage = messageOf(verdict);
      diagnosis.blame(verdict);
      return [];
    }
    const nominated = pod.pod.status?.nominatedNodeName;
    const itsNode = nominated ? snapshot.get(nominated) : undefined;
    if (itsNode && (!only || only.nodeNames.has(itsNode.name))) {
      const answer = profile.filterWithNominated(state, pod, itsNode);
      if (!answer) return [itsNode];
      if (!isRejected(answer)) return answer;
    }
    if (!only) return this.#search(profile, state, pod, snapshot.nodes, diagnosis);
    for (const plugin of narrowedBy) diagnosis.rejectedBy.add(plugin);
    diagnosis.statuses.absent = unresolvable(`node(s) didn't satisfy plugin(s) [${narrowedBy.toSorted().join(" ")}]`);
    const nodes = [...only.nodeNames].flatMap((name) => snapshot.get(name) ?? []);
    return this.#search(profile, state, pod, nodes, diagnosis);
  }

  #search(
    profile: Profile,
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    diagnosis: Diagnosis,
  ): NodeInfo[] | Status {
    const percentage = profile.percentageOfNodesToScore ?? this.#options.percentageOfNodesToScore;
    const enough = enoughFeasibleNodes(nodes.length, percentage);
    const feasible: NodeInfo[] = [];
    let looked = 0;
    for (; looked < nodes.length && feasible.length < enough; looked++) {
      const node = nodes[(this.#startAt + looked) % nodes.length] as NodeInfo;
      const verdict = profile.filterWithNominated(state, pod, node);
      if (!verdict) feasible.push(node);
      else if (isRejected(verdict)) {
        diagnosis.statuses.set(node.name, verdict);
        diagnosis.blame(verdict);
      } else return verdict;
    }
    if (nodes.length > 0) this.#startAt = (this.#startAt + looked) % nodes.length;
    return feasible;
  }
}
