import type { KubeObject } from "@tskube/api";
import type { Strategy } from "../registry/strategy.ts";

/** Strategies by `resource.group`. */
export type StrategyList = Readonly<Record<string, Strategy>>;

/** Puts a strategy for one kind among those for any: the registry hands it only objects of the kind it is listed for. */
export function strategyFor<T extends KubeObject>(strategy: Strategy<T>): Strategy {
  return strategy as unknown as Strategy;
}
