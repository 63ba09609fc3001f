import { labelsOf, type NodeInfo } from "../../framework/node-info.ts";
import type { PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { unresolvable, unschedulable, type Verdict } from "../../framework/status.ts";
import { type RequiredNode, requiredNodeOf } from "../node-affinity/node-affinity.ts";
import { type Constraint, hasAllKeys, includes, isCounted, matchingPods } from "./constraints.ts";

const tooSkewed = unschedulable("node(s) didn't match pod topology spread constraints");
const labelMissing = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

/** Matching pods per domain, with the least of them. */
class Domains {
  readonly #counts: Map<string, number>;
  #least: number | undefined;

  constructor(counts: ReadonlyMap<string, number> = new Map()) {
    this.#counts = new Map(counts);
  }

  add(domain: string, by: number): void {
    this.#counts.set(domain, this.at(domain) + by);
    this.#least = undefined;
  }

  at(domain: string): number {
    return this.#counts.get(domain) ?? 0;
  }

  /** Domains that are wanted and not there are empty. */
  least(minDomains: number): number {
    if (this.#counts.size < minDomains) return 0;
    if (this.#least === undefined) {
      this.#least = Number.MAX_SAFE_INTEGER;
      for (const count of this.#counts.values()) if (count < this.#least) this.#least = count;
    }
    return this.#least;
  }

  clone(): Domains {
    return new Domains(this.#counts);
  }
}

/** How a pod's required constraints stand, for one cycle; follows trials. */
export class SpreadState {
  readonly #constraints: readonly Constraint[];
  readonly #required: RequiredNode;
  readonly #domains: readonly Domains[];

  constructor(constraints: readonly Constraint[], required: RequiredNode, domains: readonly Domains[]) {
    this.#constraints = constraints;
    this.#required = required;
    this.#domains = domains;
  }

  static of(pod: PodInfo, constraints: readonly Constraint[], snapshot: Snapshot): SpreadState {
    const required = requiredNodeOf(pod.pod);
    const domains = constraints.map(() => new Domains());
    const namespace = pod.pod.metadata.namespace ?? "";
    for (const node of snapshot.nodes) {
      if (!hasAllKeys(constraints, node)) continue;
      const labels = labelsOf(node);
      constraints.forEach((constraint, i) => {
        if (!includes(constraint, pod.pod, required, node)) return;
        domains[i]?.add(labels[constraint.topologyKey] ?? "", matchingPods(node, constraint, namespace));
      });
    }
    return new SpreadState(constraints, required, domains);
  }

  clone(): SpreadState {
    return new SpreadState(
      this.#constraints,
      this.#required,
      this.#domains.map((domains) => domains.clone()),
    );
  }

  count(pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (!hasAllKeys(this.#constraints, node)) return;
    const labels = labelsOf(node);
    this.#constraints.forEach((constraint, i) => {
      if (!isCounted(other.pod, constraint.selector, pod.pod.metadata.namespace ?? "")) return;
      if (!includes(constraint, pod.pod, this.#required, node)) return;
      this.#domains[i]?.add(labels[constraint.topologyKey] ?? "", by);
    });
  }

  verdict(pod: PodInfo, node: NodeInfo): Verdict {
    const labels = labelsOf(node);
    for (let i = 0; i < this.#constraints.length; i++) {
      const constraint = this.#constraints[i] as Constraint;
      const domains = this.#domains[i] as Domains;
      const domain = labels[constraint.topologyKey];
      if (domain === undefined) return labelMissing;
      const itself = constraint.selector.matches(pod.pod.metadata.labels) ? 1 : 0;
      const skew = domains.at(domain) + itself - domains.least(constraint.minDomains);
      if (skew > constraint.maxSkew) return tooSkewed;
    }
    return undefined;
  }
}
