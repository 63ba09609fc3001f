import { readFileSync } from "node:fs";
import { Closer } from "@tskube/base";
import type { AuthorizerConfiguration } from "../../configuration/authorization-configuration.ts";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authorizer } from "../authorizer.ts";
import type { BindingIndex } from "../rbac/binding-index.ts";
import { authorizationMetrics } from "./authorization-metrics.ts";
import { type ChainDeps, followAuthorization, loadAuthorization, startChain } from "./authorizer-chain.ts";
import { type AuthorizationMode, type FixedType, startFixedAuthorizers } from "./authorizer-types.ts";

export { type AuthorizationMode, authorizationModes } from "./authorizer-types.ts";

/** What flags say of the webhook among the modes. */
export interface WebhookFlags {
  readonly kubeconfig: string;
  readonly version: "v1" | "v1beta1";
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
}

export interface AuthorizerOptions {
  /** In the order they are asked (`--authorization-mode`); `Node` and `RBAC` when absent. */
  readonly modes?: readonly AuthorizationMode[];
  readonly webhook?: WebhookFlags;
  /** The text of `--authorization-policy-file`. */
  readonly policy?: string;
  /** `--authorization-config`: says everything that modes and flags would, and may change. */
  readonly configPath?: string;
}

export interface AuthorizerDeps extends Omit<ChainDeps, "decisions"> {
  readonly objects: LocalObjects;
}

export interface ClusterAuthorizer extends Authorizer {
  /** All roles and bindings, when RBAC is among the modes: for escalation checks and SelfSubjectRulesReviews. */
  readonly rbac: BindingIndex | undefined;
  /** Whether another server is asked too, so that roles do not tell everything. */
  readonly asksOthers: boolean;
  /** Stops following the cluster's objects. */
  close(): Promise<void>;
}

/** The authorizers of the configuration behind the one for `system:masters`. It follows the objects and files it decides by until closed. */
export function createAuthorizer(options: AuthorizerOptions, deps: AuthorizerDeps): ClusterAuthorizer {
  const { configPath } = options;
  const closer = new Closer();
  const text = configPath === undefined ? undefined : readFileSync(configPath, "utf8");
  const configured =
    configPath === undefined || text === undefined ? ofFlags(options) : loadAuthorization(text, configPath);
  const types = configured.flatMap(({ type }) => (type === "Webhook" ? [] : [type as FixedType]));
  const fixed = closer.add(startFixedAuthorizers(types, options.policy, deps.objects));
  const chainDeps = { ...deps, decisions: authorizationMetrics(deps.metrics) };
  const first = startChain(configured, fixed, chainDeps);
  const chain =
    configPath === undefined || text === undefined
      ? { current: first, close: () => first.close() }
      : followAuthorization({ path: configPath, text, first, fixed }, chainDeps);
  closer.add(() => chain.close());
  return {
    name: "cluster",
    rbac: fixed.rbac,
    get asksOthers() {
      return chain.current.asksOthers;
    },
    authorize: (attributes) => chain.current.authorize(attributes),
    close: () => closer.close(),
  };
}

/** What modes and flags ask for, as a configuration file would say it. */
function ofFlags({ modes = ["Node", "RBAC"], webhook }: AuthorizerOptions): AuthorizerConfiguration[] {
  return modes.map((mode) => {
    if (mode !== "Webhook") return { type: mode, name: mode.toLowerCase(), webhook: undefined };
    if (!webhook) throw new Error("authorization-mode Webhook's authorization config file not passed");
    return { type: mode, name: "default", webhook: webhookOf(webhook) };
  });
}

const flagTimeoutMs = 30_000;

function webhookOf(flags: WebhookFlags): AuthorizerConfiguration["webhook"] {
  return {
    authorizedTTL: flags.authorizedTtlMs,
    cacheAuthorizedRequests: flags.authorizedTtlMs > 0,
    unauthorizedTTL: flags.unauthorizedTtlMs,
    cacheUnauthorizedRequests: flags.unauthorizedTtlMs > 0,
    timeout: flagTimeoutMs,
    subjectAccessReviewVersion: flags.version,
    matchConditionSubjectAccessReviewVersion: "",
    failurePolicy: "NoOpinion",
    connectionInfo: { type: "KubeConfigFile", kubeConfigFile: flags.kubeconfig },
    matchConditions: [],
  };
}
