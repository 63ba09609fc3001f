import {
  baseOptions,
  clientOptions,
  leaderElectionOptions,
  list,
  type OptionValues,
  path,
  servingOptions,
} from "@tskube/component";

export { readKind } from "./config/scheduler-configuration.ts";

export const options = {
  ...baseOptions,
  ...clientOptions,
  ...servingOptions({ securePort: 10259 }),
  ...leaderElectionOptions({ resourceName: "kube-scheduler" }),
  authenticationKubeconfig: path("Accepted for upstream's manifests; clients are known by their certificates"),
  authorizationKubeconfig: path("Accepted for upstream's manifests; a verified client certificate is enough"),
  featureGates: list("Accepted for upstream's manifests; what is built is on"),
};

export type Config = OptionValues<typeof options>;
