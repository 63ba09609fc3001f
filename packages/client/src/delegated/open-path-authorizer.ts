import type { Clock, Logger } from "@tskube/base";
import { createClient } from "../client.ts";
import { loadClientConfig } from "../config/load.ts";
import { createPathAuthorizer } from "./authorize-path.ts";

/** What the options of a program's server say of whom to ask; absent ones are as `kubeconfig`. */
export interface DelegationConfig {
  readonly kubeconfig?: string | undefined;
  readonly authenticationKubeconfig?: string | undefined;
  readonly authorizationKubeconfig?: string | undefined;
}

export interface DelegationDeps {
  readonly userAgent: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `createPathAuthorizer` with clients of its own. */
export function openPathAuthorizer(config: DelegationConfig, { userAgent, clock, logger }: DelegationDeps) {
  const clientOf = (path: string | undefined) =>
    createClient(loadClientConfig({ path: path ?? config.kubeconfig }), { userAgent, clock, logger });
  const authentication = clientOf(config.authenticationKubeconfig);
  const authorization = clientOf(config.authorizationKubeconfig);
  return {
    authorize: createPathAuthorizer({ authentication, authorization }, clock),
    close(): void {
      authentication.close();
      authorization.close();
    },
  };
}
