import { Closer } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authorizer } from "../authorizer.ts";
import { startNodeAuthorizer } from "../node/node-authorizer.ts";
import type { BindingIndex } from "../rbac/binding-index.ts";
import { startRbacAuthorizer } from "../rbac/rbac-authorizer.ts";
import { alwaysAllowAuthorizer, alwaysDenyAuthorizer, privilegedGroupAuthorizer } from "./simple-authorizers.ts";
import { unionAuthorizer } from "./union-authorizer.ts";

export const authorizationModes = ["Node", "RBAC", "AlwaysAllow", "AlwaysDeny"] as const;
export type AuthorizationMode = (typeof authorizationModes)[number];

export interface AuthorizerOptions {
  /** In the order they are asked (`--authorization-mode`); `Node` and `RBAC` when absent. */
  readonly modes?: readonly AuthorizationMode[];
}

export interface AuthorizerDeps {
  readonly objects: LocalObjects;
}

export interface ClusterAuthorizer extends Authorizer {
  /** All roles and bindings, when RBAC is among the modes: for escalation checks and SelfSubjectRulesReviews. */
  readonly rbac: BindingIndex | undefined;
  /** Stops following the cluster's objects. */
  close(): Promise<void>;
}

/** The authorizers of `modes` behind the one for `system:masters`. It follows the objects it decides by until closed. */
export function createAuthorizer(options: AuthorizerOptions, deps: AuthorizerDeps): ClusterAuthorizer {
  const closer = new Closer();
  let rbac: BindingIndex | undefined;
  const start: Readonly<Record<AuthorizationMode, () => Authorizer>> = {
    Node: () => closer.add(startNodeAuthorizer(deps.objects)),
    RBAC: () => {
      const authorizer = closer.add(startRbacAuthorizer(deps.objects));
      rbac = authorizer.index;
      return authorizer;
    },
    AlwaysAllow: () => alwaysAllowAuthorizer,
    AlwaysDeny: () => alwaysDenyAuthorizer,
  };
  const modes = (options.modes ?? ["Node", "RBAC"]).map((mode) => start[mode]());
  const union = unionAuthorizer([privilegedGroupAuthorizer, ...modes]);
  return { name: "cluster", rbac, authorize: union.authorize, close: () => closer.close() };
}
