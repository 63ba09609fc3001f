import type { User } from "../user.ts";

export interface NodeIdentity {
  readonly isNode: boolean;
  /** Empty for a member of `system:nodes` whose name is not a node's. */
  readonly nodeName: string;
}

const prefix = "system:node:";

/** Which node a user is: kubelets are `system:node:NAME` in the group `system:nodes`. */
export function nodeIdentity(user: User): NodeIdentity {
  if (!user.name.startsWith(prefix) || !user.groups.includes("system:nodes")) return { isNode: false, nodeName: "" };
  return { isNode: true, nodeName: user.name.slice(prefix.length) };
}
