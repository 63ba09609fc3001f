import { Closer } from "@tskube/base";
import type { LocalObjects } from "../../registry/objects.ts";
import type { Authorizer } from "../authorizer.ts";
import { startNodeAuthorizer } from "../node/node-authorizer.ts";
import type { BindingIndex } from "../rbac/binding-index.ts";
import { startRbacAuthorizer } from "../rbac/rbac-authorizer.ts";
import { abacAuthorizer } from "./abac-authorizer.ts";
import { alwaysAllowAuthorizer, alwaysDenyAuthorizer } from "./simple-authorizers.ts";

/** Everything that `--authorization-mode` may name. */
export const authorizationModes = ["Node", "RBAC", "Webhook", "ABAC", "AlwaysAllow", "AlwaysDeny"] as const;
export type AuthorizationMode = (typeof authorizationModes)[number];
/** Those that are there once, whatever the configuration says of them. */
export type FixedType = Exclude<AuthorizationMode, "Webhook">;

export interface FixedAuthorizers {
  /** The one of that type; throws when it was not among those that were started. */
  get(type: FixedType): Authorizer;
  readonly rbac: BindingIndex | undefined;
  /** Stops following the cluster's objects. */
  close(): Promise<void>;
}

/** Starts what follows the cluster's objects; `policy` is the text of the policy file for ABAC. */
export function startFixedAuthorizers(
  types: readonly FixedType[],
  policy: string | undefined,
  objects: LocalObjects,
): FixedAuthorizers {
  const closer = new Closer();
  const started = new Map<FixedType, Authorizer>([
    ["AlwaysAllow", alwaysAllowAuthorizer],
    ["AlwaysDeny", alwaysDenyAuthorizer],
  ]);
  let rbac: BindingIndex | undefined;
  if (types.includes("Node")) started.set("Node", closer.add(startNodeAuthorizer(objects)));
  if (types.includes("RBAC")) {
    const authorizer = closer.add(startRbacAuthorizer(objects));
    rbac = authorizer.index;
    started.set("RBAC", authorizer);
  }
  if (types.includes("ABAC")) started.set("ABAC", abacAuthorizer(requirePolicy(policy)));
  return {
    get(type) {
      const authorizer = started.get(type);
      if (authorizer) return authorizer;
      throw new Error(`authorizer type ${type} is not allowed if it was not enabled at initial server startup`);
    },
    rbac,
    close: () => closer.close(),
  };
}

function requirePolicy(policy: string | undefined): string {
  if (policy === undefined) throw new Error("authorization-mode ABAC's authorization policy file not passed");
  return policy;
}
