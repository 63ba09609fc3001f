import type { Pod } from "@tskube/api";
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity } from "@tskube/apimachinery";

type Totals = Map<string, Quantity>;
type Amounts = Readonly<Record<string, string>> | undefined;
type Kind = "requests" | "limits";

export interface PodTotals {
  readonly requests: Record<string, string>;
  readonly limits: Record<string, string>;
}

/**
 * What a pod takes as a whole: its containers and sidecars together, or what its start needs if that is more, plus overhead. Amounts that the
 * pod states for itself count instead of its containers'.
 */
export function podTotals(spec: Pod["spec"]): PodTotals {
  return { requests: total(spec, "requests"), limits: total(spec, "limits") };
}

function total(spec: Pod["spec"], kind: Kind): Record<string, string> {
  const sum: Totals = new Map();
  for (const container of spec.containers) add(sum, container.resources?.[kind]);
  const startup: Totals = new Map();
  const sidecars: Totals = new Map();
  for (const container of spec.initContainers ?? []) {
    const needed: Totals = new Map(sidecars);
    add(needed, container.resources?.[kind]);
    if (container.restartPolicy === "Always") {
      add(sidecars, container.resources?.[kind]);
      add(sum, container.resources?.[kind]);
    }
    raise(startup, needed);
  }
  raise(sum, startup);
  for (const [name, amount] of Object.entries(spec.resources?.[kind] ?? {})) sum.set(name, parseQuantity(amount));
  // A limit that is not set stays so: overhead raises only what is bounded.
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    if (kind === "requests" || sum.has(name)) add(sum, { [name]: amount });
  }
  return Object.fromEntries([...sum].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function add(sum: Totals, amounts: Amounts): void {
  for (const [name, text] of Object.entries(amounts ?? {})) {
    const amount = parseQuantity(text);
    const present = sum.get(name);
    sum.set(name, present ? addQuantities(present, amount) : amount);
  }
}

function raise(sum: Totals, floor: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of floor) {
    const present = sum.get(name);
    if (!present || compareQuantities(present, amount) < 0) sum.set(name, amount);
  }
}
