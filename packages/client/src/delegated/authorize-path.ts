import type { IncomingMessage } from "node:http";
import type { Clock } from "@tskube/base";
import type { Client } from "../client.ts";
import { AccessReviews } from "./access-reviews.ts";
import { anonymous, bearerToken, certificateUser, TokenReviews } from "./requester.ts";

export type PathVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 401 | 403; readonly reason: string };

/**
 * Judges requests for paths of a program other than the API server, such as its metrics: the API server is asked who makes them and
 * whether that user may (TokenReview and SubjectAccessReview, as upstream's delegated authentication and authorization). Rejects when
 * the API server does not answer.
 */
export function createPathAuthorizer(
  { authentication, authorization }: { readonly authentication: Client; readonly authorization: Client },
  clock: Clock,
): (request: IncomingMessage) => Promise<PathVerdict> {
  const tokens = new TokenReviews(authentication, clock);
  const rights = new AccessReviews(authorization, clock);
  return async (request) => {
    const token = bearerToken(request);
    const user = token ? await tokens.userOf(token) : (certificateUser(request) ?? anonymous);
    if (!user) return { allowed: false, status: 401, reason: "Unauthorized" };
    const verb = (request.method ?? "GET").toLowerCase();
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (await rights.isAllowed(user, { nonResourceAttributes: { verb, path } })) return { allowed: true };
    const reason = `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`;
    return { allowed: false, status: 403, reason };
  };
}
