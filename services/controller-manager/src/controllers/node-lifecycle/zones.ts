import type { Node } from "@tskube/api";
import { readiness } from "../../nodes/taints.ts";

export type ZoneState = "normal" | "partial-disruption" | "full-disruption";

export interface ZoneRates {
  /** Nodes a second. */
  readonly normal: number;
  readonly secondary: number;
  /** The share of nodes not ready from which a zone is partially disrupted. */
  readonly unhealthyThreshold: number;
  /** Up to this size a partially disrupted zone evicts nothing. */
  readonly largeZone: number;
}

interface Zone {
  readonly size: number;
  readonly state: ZoneState;
}

export interface Zones {
  readonly byName: ReadonlyMap<string, Zone>;
  /** Every node of every zone is silent: more likely this program is cut off than that all have died. */
  readonly isAllDisrupted: boolean;
}

export function zoneOf({ metadata }: Node): string {
  const labels = metadata.labels ?? {};
  const region = labels["topology.kubernetes.io/region"] ?? labels["failure-domain.beta.kubernetes.io/region"] ?? "";
  const zone = labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"] ?? "";
  return `${region}:${zone}`;
}

export function judgeZones(nodes: readonly Node[], unhealthyThreshold: number): Zones {
  const counts = new Map<string, { ready: number; notReady: number }>();
  for (const node of nodes) {
    const count = counts.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
    counts.set(zoneOf(node), count);
    if (readiness(node) === "True") count.ready++;
    else count.notReady++;
  }
  const byName = new Map<string, Zone>();
  for (const [name, { ready, notReady }] of counts)
    byName.set(name, { size: ready + notReady, state: stateOf(ready, notReady, unhealthyThreshold) });
  const states = [...byName.values()];
  return { byName, isAllDisrupted: states.length > 0 && states.every(({ state }) => state === "full-disruption") };
}

function stateOf(ready: number, notReady: number, threshold: number): ZoneState {
  if (ready === 0 && notReady > 0) return "full-disruption";
  if (notReady > 2 && notReady / (ready + notReady) >= threshold) return "partial-disruption";
  return "normal";
}

/** How many nodes a second may get the taint that evicts. */
export function evictionRate(zone: Zone | undefined, { normal, secondary, largeZone }: ZoneRates): number {
  if (zone?.state !== "partial-disruption") return normal;
  return zone.size > largeZone ? secondary : 0;
}

/** Lets one through at once, then as the zone's rate of the moment allows. */
export class ZoneLimiter {
  #nextAt = 0;

  /** 0 when one may go now, which is then counted; else how long to wait, without end while the rate is 0. */
  take(ratePerSecond: number, nowMs: number): number {
    if (ratePerSecond <= 0) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#nextAt) return Math.min(this.#nextAt - nowMs, 1000 / ratePerSecond);
    this.#nextAt = nowMs + 1000 / ratePerSecond;
    return 0;
  }
}
