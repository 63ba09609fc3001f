import { badRequest } from "@tskube/apimachinery";
import { authenticatedGroup } from "./authentication/groups.ts";
import { headersByPrefix, headerValue, headerValues } from "./authentication/headers.ts";
import type { Credentials } from "./authenticator.ts";
import { forbiddenError } from "./authorization/forbidden.ts";
import type { Attributes, Authorizer } from "./authorizer.ts";
import { parseServiceAccountUserName, serviceAccountGroups } from "./tokens/claims.ts";
import type { User } from "./user.ts";

type Headers = Credentials["headers"];
type Target = Pick<Attributes, "group" | "resource" | "subresource" | "namespace" | "name">;

/** Whom the `Impersonate-*` headers name, before anybody has asked whether that is allowed. */
interface Requested {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * The user a request acts as: `user` itself, or whom the `Impersonate-*` headers name if `user` has the verb `impersonate` on every part of that
 * identity. Throws `forbidden` otherwise, and `badRequest` for headers that name no user.
 */
export async function impersonate(user: User, headers: Headers, authorizer: Authorizer): Promise<User> {
  const requested = requestedIdentity(headers);
  if (!requested) return user;
  for (const target of targets(requested)) {
    const attributes: Attributes = { ...target, user, verb: "impersonate", isResource: true, path: "", version: "v1" };
    const decision = await authorizer.authorize(attributes);
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
  }
  return impersonatedUser(requested);
}

function requestedIdentity(headers: Headers): Requested | undefined {
  const name = headerValue(headers, "impersonate-user");
  const uid = headerValue(headers, "impersonate-uid");
  const groups = headerValues(headers, "impersonate-group");
  const extra = headersByPrefix(headers, "impersonate-extra-");
  const hasOthers = uid !== "" || groups.length > 0 || Object.keys(extra).length > 0;
  if (!name && hasOthers)
    throw badRequest("requested impersonation of groups, uid or extra without impersonating a user");
  return name ? { name, uid, groups, extra } : undefined;
}

function* targets({ name, uid, groups, extra }: Requested): Generator<Target> {
  const core = { group: "", subresource: "", namespace: "" };
  const account = parseServiceAccountUserName(name);
  if (account) yield { ...core, resource: "serviceaccounts", ...account };
  else yield { ...core, resource: "users", name };
  for (const group of groups) yield { ...core, resource: "groups", name: group };
  const own = { group: "authentication.k8s.io", namespace: "" };
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) yield { ...own, resource: "userextras", subresource: key, name: value };
  }
  if (uid) yield { ...own, resource: "uids", subresource: "", name: uid };
}

function impersonatedUser({ name, uid, groups, extra }: Requested): User {
  const account = parseServiceAccountUserName(name);
  const named = groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups;
  return {
    name,
    groups: withStandingGroup(name, named),
    ...(uid ? { uid } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** Everybody is in one of the two groups, also who is impersonated. */
function withStandingGroup(name: string, groups: readonly string[]): readonly string[] {
  const unauthenticated = "system:unauthenticated";
  if (name === "system:anonymous") return groups.includes(unauthenticated) ? groups : [...groups, unauthenticated];
  if (groups.includes(authenticatedGroup) || groups.includes(unauthenticated)) return groups;
  return [...groups, authenticatedGroup];
}
