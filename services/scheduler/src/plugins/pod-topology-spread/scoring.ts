import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import { maxNodeScore } from "../../framework/points.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { requiredNodeOf } from "../node-affinity/node-affinity.ts";
import { type Constraint, hasAllKeys, includes, matchingPods } from "./constraints.ts";

const hostnameLabel = "kubernetes.io/hostname";

interface Weighed {
  readonly constraint: Constraint;
  /** Matching pods per domain; empty for host names, which are counted on the node itself. */
  readonly counts: Map<string, number>;
  weight: number;
}

/** How a pod's wished-for spread stands, for one cycle. */
export class SpreadScores {
  readonly #pod: PodInfo;
  readonly #weighed: readonly Weighed[];
  readonly #ignored: ReadonlySet<string>;

  /** `needsAllKeys`: nodes without all keys get no score, which only the system's own defaults forgive. */
  constructor(
    pod: PodInfo,
    constraints: readonly Constraint[],
    needsAllKeys: boolean,
    nodes: readonly NodeInfo[],
    snapshot: Snapshot,
  ) {
    this.#pod = pod;
    this.#weighed = constraints.map((constraint) => ({ constraint, counts: new Map(), weight: 0 }));
    this.#ignored = new Set(
      needsAllKeys ? nodes.filter((node) => !hasAllKeys(constraints, node)).map(({ name }) => name) : [],
    );
    this.#openDomains(nodes);
    this.#countPods(needsAllKeys, constraints, snapshot);
  }

  scoreOf(node: NodeInfo): number {
    if (this.#ignored.has(node.name)) return 0;
    const labels = labelsOf(node);
    let score = 0;
    for (const { constraint, counts, weight } of this.#weighed) {
      const domain = labels[constraint.topologyKey];
      if (domain === undefined) continue;
      const isHost = constraint.topologyKey === hostnameLabel;
      const count = isHost ? matchingPods(node, constraint, this.#namespace) : (counts.get(domain) ?? 0);
      score += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  }

  /** Fewer matching pods are better. */
  normalize(scores: number[], nodes: readonly NodeInfo[]): void {
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    nodes.forEach((node, i) => {
      if (this.#ignored.has(node.name)) return;
      least = Math.min(least, scores[i] as number);
      most = Math.max(most, scores[i] as number);
    });
    nodes.forEach((node, i) => {
      if (this.#ignored.has(node.name)) scores[i] = 0;
      else if (most === 0) scores[i] = maxNodeScore;
      else scores[i] = Math.trunc((maxNodeScore * (most + least - (scores[i] as number))) / most);
    });
  }

  get #namespace(): string {
    return this.#pod.pod.metadata.namespace ?? "";
  }

  /** The more domains there are, the less one pod in one of them should weigh. */
  #openDomains(nodes: readonly NodeInfo[]): void {
    for (const weighed of this.#weighed) {
      const { topologyKey } = weighed.constraint;
      let size = nodes.length - this.#ignored.size;
      if (topologyKey !== hostnameLabel) {
        for (const node of nodes) {
          const domain = this.#ignored.has(node.name) ? undefined : labelsOf(node)[topologyKey];
          if (domain !== undefined) weighed.counts.set(domain, 0);
        }
        size = weighed.counts.size;
      }
      weighed.weight = Math.log(size + 2);
    }
  }

  #countPods(needsAllKeys: boolean, constraints: readonly Constraint[], snapshot: Snapshot): void {
    const zonal = this.#weighed.filter(({ counts }) => counts.size > 0);
    if (zonal.length === 0) return;
    const required = requiredNodeOf(this.#pod.pod);
    for (const node of snapshot.nodes) {
      if (needsAllKeys && !hasAllKeys(constraints, node)) continue;
      const labels = labelsOf(node);
      for (const { constraint, counts } of zonal) {
        const domain = labels[constraint.topologyKey];
        if (domain === undefined || !counts.has(domain)) continue;
        if (!includes(constraint, this.#pod.pod, required, node)) continue;
        counts.set(domain, (counts.get(domain) ?? 0) + matchingPods(node, constraint, this.#namespace));
      }
    }
  }
}
