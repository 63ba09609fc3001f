import type { Lease, Node, NodeCondition } from "@tskube/api";
import { formatTime, parseTime } from "@tskube/apimachinery";
import { conditionOf } from "../../nodes/taints.ts";

/** When signs of life came, by this process's own clock: nodes' clocks may be wrong. */
export class Heartbeats {
  readonly #seen = new Map<string, { sign: string; at: number }>();
  readonly #deafMs: number;
  #lastHeardMs: number | undefined;

  /**
   * When nobody at all was heard for longer than `deafMs`, it is us who could not hear: the API server or its store was away. Nodes could
   * not renew their leases then, so that time is held against none of them.
   */
  constructor(deafMs: number) {
    this.#deafMs = deafMs;
  }

  /** Takes a node's or lease's newest sign of life; one that says the same as before counts for nothing. */
  note(key: string, sign: string, nowMs: number): void {
    if (this.#seen.get(key)?.sign === sign) return;
    if (this.#lastHeardMs !== undefined && nowMs - this.#lastHeardMs > this.#deafMs) this.resetAll(nowMs);
    this.#lastHeardMs = nowMs;
    this.#seen.set(key, { sign, at: nowMs });
  }

  noteNode(node: Node, nowMs: number): void {
    const ready = conditionOf(node, "Ready");
    this.note(
      `node/${node.metadata.name}`,
      `${ready?.lastHeartbeatTime ?? ""} ${ready?.lastTransitionTime ?? ""}`,
      nowMs,
    );
  }

  noteLease(lease: Lease, nowMs: number): void {
    this.note(`lease/${lease.metadata.name}`, lease.spec?.renewTime ?? "", nowMs);
  }

  lastOf(nodeName: string): number {
    const [node, lease] = [this.#seen.get(`node/${nodeName}`), this.#seen.get(`lease/${nodeName}`)];
    return Math.max(node?.at ?? 0, lease?.at ?? 0);
  }

  /** Everybody gets the full time again: after all were silent at once, none is to be blamed for it. */
  resetAll(nowMs: number): void {
    for (const seen of this.#seen.values()) seen.at = nowMs;
  }

  forget(nodeName: string): void {
    this.#seen.delete(`node/${nodeName}`);
    this.#seen.delete(`lease/${nodeName}`);
  }
}

export interface Grace {
  readonly monitorMs: number;
  /** For a node that never said whether it is ready. */
  readonly startupMs: number;
}

/** How long until a node counts as silent; negative when it does. */
export function silenceMs(node: Node, lastMs: number, grace: Grace, nowMs: number): number {
  const hasSpoken = conditionOf(node, "Ready") !== undefined;
  const since = hasSpoken ? lastMs : Math.max(parseTime(node.metadata.creationTimestamp ?? "") ?? lastMs, lastMs);
  return since + (hasSpoken ? grace.monitorMs : grace.startupMs) - nowMs;
}

const watchedConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** The conditions of a silent node: nobody knows. The same list when they say so already. */
export function silentConditions(node: Node, nowMs: number): readonly NodeCondition[] {
  const now = formatTime(nowMs);
  const present = node.status?.conditions ?? [];
  const missing = watchedConditions
    .filter((type) => !present.some((condition) => condition.type === type))
    .map(
      (type): NodeCondition => ({
        type,
        status: "Unknown",
        reason: "NodeStatusNeverUpdated",
        message: "Kubelet never posted node status.",
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
      }),
    );
  const isToTurn = ({ type, status }: NodeCondition) => watchedConditions.includes(type) && status !== "Unknown";
  if (missing.length === 0 && !present.some(isToTurn)) return present;
  const turned = present.map((condition) =>
    isToTurn(condition)
      ? {
          ...condition,
          status: "Unknown",
          reason: "NodeStatusUnknown",
          message: "Kubelet stopped posting node status.",
          lastTransitionTime: now,
        }
      : condition,
  );
  return [...turned, ...missing];
}
