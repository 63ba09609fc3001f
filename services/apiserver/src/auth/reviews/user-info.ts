import type { UserInfo } from "@tskube/api";
import type { User } from "../user.ts";

/** A user as the authentication API shows one. */
export function userInfo(user: User): UserInfo {
  const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]] as [string, string[]]);
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: [...user.groups],
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
}
