import type { KubeObject } from "@tskube/api";
import { pathSegmentNameErrors } from "@tskube/apimachinery";
import type { Strategy } from "../registry/strategy.ts";

/** Kinds with rules of their own, by `resource.group`. All others are stored as they come. */
export const strategies: Readonly<Record<string, Strategy>> = {
  "roles.rbac.authorization.k8s.io": { validateName: pathSegmentNameErrors },
  "rolebindings.rbac.authorization.k8s.io": { validateName: pathSegmentNameErrors },
  "clusterroles.rbac.authorization.k8s.io": { validateName: pathSegmentNameErrors },
  "clusterrolebindings.rbac.authorization.k8s.io": { validateName: pathSegmentNameErrors },
};

/** The strategy of a kind without rules of its own. */
export const plainStrategy: Strategy = {};

/** Puts a strategy for one kind among those for any. */
export function strategyOf<T extends KubeObject>(strategy: Strategy<T>): Strategy {
  // The registry hands a strategy only objects of the kind it is listed for.
  return strategy as unknown as Strategy;
}
