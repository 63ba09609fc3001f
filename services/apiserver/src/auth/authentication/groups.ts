import type { User } from "../user.ts";

export const authenticatedGroup = "system:authenticated";
const unauthenticatedGroup = "system:unauthenticated";

/** The user with the group that every proven identity is in. */
export function withAuthenticatedGroup(user: User): User {
  if (user.name === "system:anonymous" || user.groups.includes(authenticatedGroup)) return user;
  if (user.groups.includes(unauthenticatedGroup)) return user;
  return { ...user, groups: [...user.groups, authenticatedGroup] };
}
