import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "@tskube/api";
import { type FieldError, invalid } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Attributes } from "../authorizer.ts";
import type { User } from "../user.ts";
import type { ReviewDeps } from "./deps.ts";
import { formatFieldRequirements, formatLabelRequirements } from "./selector-requirements.ts";
import {
  validateLocalSubjectAccess,
  validateSelfSubjectAccess,
  validateSubjectAccess,
} from "./validate-access-review.ts";

type What = Pick<SubjectAccessReviewSpec, "resourceAttributes" | "nonResourceAttributes">;

const group = "authorization.k8s.io";

/** May the user named in the review do this? */
export async function reviewSubjectAccess(
  _user: User,
  review: SubjectAccessReview,
  deps: ReviewDeps,
): Promise<SubjectAccessReview> {
  refuse("SubjectAccessReview", validateSubjectAccess(review));
  return { ...review, status: await decide(subjectOf(review.spec), review.spec, deps) };
}

/** The same within one namespace, so that asking can be granted to a namespace's administrator. */
export async function reviewLocalSubjectAccess(
  _user: User,
  review: LocalSubjectAccessReview,
  deps: ReviewDeps,
): Promise<LocalSubjectAccessReview> {
  refuse("LocalSubjectAccessReview", validateLocalSubjectAccess(review));
  return { ...review, status: await decide(subjectOf(review.spec), review.spec, deps) };
}

/** May I? (`kubectl auth can-i`) */
export async function reviewSelfSubjectAccess(
  user: User,
  review: SelfSubjectAccessReview,
  deps: ReviewDeps,
): Promise<SelfSubjectAccessReview> {
  refuse("SelfSubjectAccessReview", validateSelfSubjectAccess(review));
  return { ...review, status: await decide(user, review.spec, deps) };
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group, kind }, "", errors);
}

function subjectOf({ user = "", groups = [], uid, extra }: SubjectAccessReviewSpec): User {
  return { name: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

async function decide(user: User, what: What, deps: ReviewDeps): Promise<SubjectAccessReviewStatus> {
  try {
    const decision = await deps.authorizer.authorize(attributesOf(user, what));
    const reason = decision.reason ? { reason: decision.reason } : {};
    if (decision.allowed) return { allowed: true, ...reason };
    return {
      allowed: false,
      ...(decision.denied ? { denied: true } : {}),
      ...reason,
      ...(decision.error && { evaluationError: decision.error.message }),
    };
  } catch (error) {
    return { allowed: false, evaluationError: errorMessage(error) };
  }
}

function attributesOf(user: User, { resourceAttributes, nonResourceAttributes }: What): Attributes {
  const asked = resourceAttributes ?? {};
  return {
    user,
    verb: resourceAttributes?.verb ?? nonResourceAttributes?.verb ?? "",
    isResource: resourceAttributes !== undefined,
    path: nonResourceAttributes?.path ?? "",
    group: asked.group ?? "",
    version: asked.version ?? "*",
    resource: asked.resource ?? "",
    subresource: asked.subresource ?? "",
    namespace: asked.namespace ?? "",
    name: asked.name ?? "",
    fieldSelector: asked.fieldSelector?.rawSelector || formatFieldRequirements(asked.fieldSelector?.requirements),
    labelSelector: asked.labelSelector?.rawSelector || formatLabelRequirements(asked.labelSelector?.requirements),
  };
}
