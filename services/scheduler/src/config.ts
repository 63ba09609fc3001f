import {
  baseOptions,
  clientOptions,
  delegatedAccessOptions,
  leaderElectionOptions,
  list,
  type OptionValues,
  servingOptions,
} from "@tskube/component";

export { readKind } from "./config/scheduler-configuration.ts";

export const options = {
  ...baseOptions,
  ...clientOptions,
  ...servingOptions({ securePort: 10259 }),
  ...leaderElectionOptions({ resourceName: "kube-scheduler" }),
  ...delegatedAccessOptions,
  featureGates: list("Accepted for upstream's manifests; what is built is on"),
};

export type Config = OptionValues<typeof options>;
