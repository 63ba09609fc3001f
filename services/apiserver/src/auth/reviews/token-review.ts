import type { TokenReview, TokenReviewStatus } from "@tskube/api";
import { badRequest } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { withAuthenticatedGroup } from "../authentication/groups.ts";
import type { User } from "../user.ts";
import type { ReviewDeps } from "./deps.ts";
import { userInfo } from "./user-info.ts";

/** Tells another server whose token it was shown. A token that proves nothing is an answer, not an error. */
export async function reviewToken(_user: User, review: TokenReview, deps: ReviewDeps): Promise<TokenReview> {
  const { token, audiences = [] } = review.spec;
  if (!token) throw badRequest("token is required for TokenReview in authentication");
  return { ...review, status: await statusOf(token, audiences.length > 0 ? audiences : deps.apiAudiences, deps) };
}

async function statusOf(token: string, audiences: readonly string[], deps: ReviewDeps): Promise<TokenReviewStatus> {
  try {
    const identity = await deps.tokens.authenticateToken(token, audiences);
    if (!identity) return { authenticated: false, user: {}, error: "invalid bearer token" };
    const known = identity.audiences ?? audiences.filter((audience) => deps.apiAudiences.includes(audience));
    if (known.length === 0) return { authenticated: false, user: {}, error: "token audiences do not match" };
    return { authenticated: true, user: userInfo(withAuthenticatedGroup(identity.user)), audiences: [...known] };
  } catch (error) {
    return { authenticated: false, user: {}, error: errorMessage(error) };
  }
}
