import type { Authorizer } from "../authorizer.ts";

/** Allows members of `system:masters` everything, whatever roles say: the way back into a cluster with broken roles. */
export const privilegedGroupAuthorizer: Authorizer = {
  name: "SystemMasters",
  authorize: ({ user }) =>
    user.groups.includes("system:masters")
      ? { allowed: true, reason: "" }
      : { allowed: false, denied: false, reason: "" },
};

export const alwaysAllowAuthorizer: Authorizer = {
  name: "AlwaysAllow",
  authorize: () => ({ allowed: true, reason: "" }),
};

export const alwaysDenyAuthorizer: Authorizer = {
  name: "AlwaysDeny",
  authorize: () => ({ allowed: false, denied: false, reason: "Everything is forbidden." }),
};
