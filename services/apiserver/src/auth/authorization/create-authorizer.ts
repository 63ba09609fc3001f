import { readFileSync } from "node:fs";
import { Closer } from "@tskube/base";
import type { AuthorizerConfiguration } from "../../configuration/authorization-configuration.ts";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authorizer } from "../authorizer.ts";
import type { BindingIndex } from "../rbac/binding-index.ts";
import { authorizationMetrics } from "./authorization-metrics.ts";
import { type Chain, startChain } from "./authorizer-chain.ts";
import {
  type AuthorizationMode,
  type FixedAuthorizers,
  type FixedType,
  startFixedAuthorizers,
} from "./authorizer-types.ts";
import type { FollowDeps } from "./configured-authorization.ts";

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

export interface AuthorizerDeps extends Omit<FollowDeps, "decisions"> {
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
export async function createAuthorizer(options: AuthorizerOptions, deps: AuthorizerDeps): Promise<ClusterAuthorizer> {
  const closer = new Closer();
  const file = options.configPath === undefined ? undefined : await readFile(options.configPath);
  const configured = file?.authorizers ?? ofFlags(options);
  const types = configured.flatMap(({ type }) => (type === "Webhook" ? [] : [type as FixedType]));
  const fixed = closer.add(startFixedAuthorizers(types, options.policy, deps.objects));
  const chainDeps = { ...deps, decisions: authorizationMetrics(deps.metrics) };
  const first = await startChain(configured, fixed, chainDeps);
  const chain = file?.follow(first, fixed, chainDeps) ?? { current: first, close: () => first.close() };
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

/** Loads what reads configuration files only where there is one. */
async function readFile(path: string) {
  const { followAuthorization, loadAuthorization } = await import("./configured-authorization.ts");
  const text = readFileSync(path, "utf8");
  return {
    authorizers: loadAuthorization(text, path),
    follow: (first: Chain, fixed: FixedAuthorizers, deps: FollowDeps) =>
      followAuthorization({ path, text, first, fixed }, deps),
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
