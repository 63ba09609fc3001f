import type { User } from "../user.ts";

export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

/** What stands under `kubernetes.io` in a service account token. */
export interface PrivateClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectClaim;
  readonly pod?: ObjectClaim;
  readonly secret?: ObjectClaim;
  readonly node?: ObjectClaim;
  /** From this second on the token lives only by the extended expiry; its use is a sign of a client that does not re-read it. */
  readonly warnafter?: number;
}

export interface TokenClaims {
  readonly jti?: string;
  readonly sub: string;
  readonly exp: number;
  readonly private: PrivateClaims;
}

const userPrefix = "system:serviceaccount:";

export function serviceAccountUserName(namespace: string, name: string): string {
  return `${userPrefix}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** Namespace and name of the service account that a user is, or undefined for other users. */
export function parseServiceAccountUserName(
  user: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(userPrefix)) return undefined;
  const [namespace, name, ...rest] = user.slice(userPrefix.length).split(":");
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/** The user a valid token speaks for; what it is bound to shows in the user's extra. */
export function userOfClaims(claims: TokenClaims): User {
  const { namespace, serviceaccount, pod, node } = claims.private;
  const extra: Record<string, string[]> = {};
  const add = (key: string, value: string | undefined) => {
    if (value) extra[`authentication.kubernetes.io/${key}`] = [value];
  };
  add("credential-id", claims.jti && `JTI=${claims.jti}`);
  add("pod-name", pod?.name);
  add("pod-uid", pod?.uid);
  add("node-name", node?.name);
  add("node-uid", node?.uid);
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra,
  };
}

/** Reads the claims of a verified token; undefined for a token that is no service account's. */
export function parseClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const own = payload["kubernetes.io"];
  if (!isRecord(own) || typeof own.namespace !== "string") return undefined;
  const serviceaccount = objectClaim(own.serviceaccount);
  if (!serviceaccount || typeof payload.sub !== "string" || typeof payload.exp !== "number") return undefined;
  if (payload.sub !== serviceAccountUserName(own.namespace, serviceaccount.name)) return undefined;
  const pod = objectClaim(own.pod);
  const secret = objectClaim(own.secret);
  const node = objectClaim(own.node);
  return {
    sub: payload.sub,
    exp: payload.exp,
    ...(typeof payload.jti === "string" ? { jti: payload.jti } : {}),
    private: {
      namespace: own.namespace,
      serviceaccount,
      ...(pod ? { pod } : {}),
      ...(secret ? { secret } : {}),
      ...(node ? { node } : {}),
      ...(typeof own.warnafter === "number" ? { warnafter: own.warnafter } : {}),
    },
  };
}

function objectClaim(value: unknown): ObjectClaim | undefined {
  if (!isRecord(value) || typeof value.name !== "string") return undefined;
  return { name: value.name, uid: typeof value.uid === "string" ? value.uid : "" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
