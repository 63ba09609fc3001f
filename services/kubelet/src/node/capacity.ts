import { canonicalQuantity, formatQuantity, parseQuantity, quantityOf, subtractQuantities } from "@tskube/apimachinery";
import type { Machine, MachineLoad } from "./machine.ts";

export type Resources = Readonly<Record<string, string>>;

export interface CapacityOptions {
  readonly maxPods: number;
  readonly systemReserved: Resources;
  readonly kubeReserved: Resources;
}

/** Below this much free memory the node is under pressure; pods are not promised it either. */
export const memoryEvictionBytes = 100 * 1024 * 1024;
export const diskEvictionShare = 0.1;
export const inodeEvictionShare = 0.05;

export function capacityOf(machine: Machine, load: MachineLoad, maxPods: number): Resources {
  return {
    cpu: String(machine.cpus),
    "ephemeral-storage": kibibytes(load.diskCapacityBytes),
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    memory: kibibytes(machine.memoryBytes),
    pods: String(maxPods),
  };
}

/** In the form that the API server keeps, so that what comes back from it is equal. */
function kibibytes(bytes: number): string {
  return canonicalQuantity(`${Math.floor(bytes / 1024)}Ki`);
}

/** What pods may use: the capacity without what is reserved and without what is kept free from eviction. */
export function allocatableOf(capacity: Resources, { systemReserved, kubeReserved }: CapacityOptions): Resources {
  const evicted: Resources = {
    memory: `${memoryEvictionBytes / 1024}Ki`,
    "ephemeral-storage": String(
      Math.floor(Number(parseQuantity(capacity["ephemeral-storage"] ?? "0").nanos / 10n ** 9n) * diskEvictionShare),
    ),
  };
  return Object.fromEntries(
    Object.entries(capacity).map(([name, total]) => {
      let left = parseQuantity(total);
      for (const reserved of [systemReserved[name], kubeReserved[name], evicted[name]]) {
        if (reserved !== undefined) left = subtractQuantities(left, parseQuantity(reserved));
      }
      return [name, formatQuantity(left.nanos < 0n ? quantityOf(0) : left)];
    }),
  );
}
