import { NodeStatuses } from "../framework/node-statuses.ts";
import type { Status } from "../framework/status.ts";

/** Why a pod found no node. */
export class Diagnosis {
  readonly statuses: NodeStatuses;
  readonly rejectedBy = new Set<string>();
  readonly pendingOn = new Set<string>();
  /** Set when a plugin turned the pod down before any node was looked at. */
  preFilterMessage = "";
  postFilterMessage = "";

  constructor(statuses: NodeStatuses = new NodeStatuses()) {
    this.statuses = statuses;
  }

  blame(status: Status): void {
    if (status.plugin === undefined) return;
    if (status.code === "Pending") this.pendingOn.add(status.plugin);
    else this.rejectedBy.add(status.plugin);
  }
}

/** The sentence for people: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` and what preemption said. */
export function describe(diagnosis: Diagnosis, nodeCount: number): string {
  const parts = [`0/${nodeCount} nodes are available:`];
  const reasons = diagnosis.preFilterMessage || histogram(diagnosis.statuses, nodeCount).join(", ");
  if (reasons) parts.push(`${reasons}.`);
  if (diagnosis.postFilterMessage) parts.push(diagnosis.postFilterMessage);
  return parts.join(" ");
}

/** How many nodes say what, sorted as text. */
export function histogram(statuses: NodeStatuses, nodeCount: number): string[] {
  const counts = new Map<string, number>();
  const count = (reasons: readonly string[], by: number) => {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + by);
  };
  for (const [, status] of statuses.explicit()) count(status.reasons, 1);
  if (statuses.size < nodeCount) count(statuses.absent.reasons, nodeCount - statuses.size);
  return Array.from(counts, ([reason, nodes]) => `${nodes} ${reason}`).sort();
}
