import { Closer } from "@tskube/base";
import type { AuthorizerConfiguration } from "../../configuration/authorization-configuration.ts";
import type { Authorizer } from "../authorizer.ts";
import type { AuthorizationMetrics } from "./authorization-metrics.ts";
import type { FixedAuthorizers, FixedType } from "./authorizer-types.ts";
import { privilegedGroupAuthorizer } from "./simple-authorizers.ts";
import type { StartWebhookDeps } from "./start-webhook.ts";
import { unionAuthorizer } from "./union-authorizer.ts";

export interface ChainDeps extends Omit<StartWebhookDeps, "closer"> {
  readonly decisions: AuthorizationMetrics;
}

/** Those who are asked, as one configuration says. */
export interface Chain extends Authorizer {
  readonly asksOthers: boolean;
  close(): Promise<void>;
}

export async function startChain(
  configured: readonly AuthorizerConfiguration[],
  fixed: FixedAuthorizers,
  deps: ChainDeps,
): Promise<Chain> {
  const closer = new Closer();
  const authorizers: Authorizer[] = [privilegedGroupAuthorizer];
  for (const one of configured) {
    const authorizer = one.webhook ? await startOther(one, { ...deps, closer }) : fixed.get(one.type as FixedType);
    authorizers.push(deps.decisions.counted(one.type, one.name, authorizer));
  }
  return {
    name: "chain",
    asksOthers: configured.some(({ webhook }) => webhook !== undefined),
    authorize: unionAuthorizer(authorizers).authorize,
    close: () => closer.close(),
  };
}

/** Loads what speaks to others only where others are named. */
async function startOther(configuration: AuthorizerConfiguration, deps: StartWebhookDeps): Promise<Authorizer> {
  const { startWebhook } = await import("./start-webhook.ts");
  return startWebhook(configuration, deps);
}
