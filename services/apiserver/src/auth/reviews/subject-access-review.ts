import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "@tskube/api";
import { badRequest, type FieldError, field, invalid, Path } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import type { Attributes } from "../authorizer.ts";
import type { User } from "../user.ts";
import type { ReviewDeps } from "./deps.ts";
import { formatRequirements } from "./selector-requirements.ts";

const group = "authorization.k8s.io";
const spec = Path.of("spec");

type What = Pick<SubjectAccessReviewSpec, "resourceAttributes" | "nonResourceAttributes">;

/** May the user named in the review do this? */
export async function reviewSubjectAccess(
  _user: User,
  review: SubjectAccessReview,
  deps: ReviewDeps,
): Promise<SubjectAccessReview> {
  refuse("SubjectAccessReview", [...validateWhat(review.spec), ...validateSubject(review.spec)]);
  return { ...review, status: await decide(subjectOf(review.spec), review.spec, deps) };
}

/** The same within one namespace, so that asking can be granted to a namespace's administrator. */
export async function reviewLocalSubjectAccess(
  _user: User,
  review: LocalSubjectAccessReview,
  deps: ReviewDeps,
): Promise<LocalSubjectAccessReview> {
  refuse("LocalSubjectAccessReview", [...validateWhat(review.spec), ...validateSubject(review.spec)]);
  const namespace = review.metadata?.namespace ?? "";
  if (!review.spec.resourceAttributes || review.spec.nonResourceAttributes) {
    const errors = [
      field.invalid(
        spec.child("nonResourceAttributes"),
        review.spec.nonResourceAttributes,
        "disallowed on this kind of request",
      ),
    ];
    refuse("LocalSubjectAccessReview", errors);
  }
  if (review.spec.resourceAttributes?.namespace !== namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
  return { ...review, status: await decide(subjectOf(review.spec), review.spec, deps) };
}

/** May I? (`kubectl auth can-i`) */
export async function reviewSelfSubjectAccess(
  user: User,
  review: SelfSubjectAccessReview,
  deps: ReviewDeps,
): Promise<SelfSubjectAccessReview> {
  refuse("SelfSubjectAccessReview", validateWhat(review.spec));
  return { ...review, status: await decide(user, review.spec, deps) };
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group, kind }, "", errors);
}

function validateWhat({ resourceAttributes, nonResourceAttributes }: What): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const path = spec.child("nonResourceAttributes");
    return [field.invalid(path, nonResourceAttributes, "cannot be specified in combination with resourceAttributes")];
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const path = spec.child("resourceAttributes");
    return [field.invalid(path, null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")];
  }
  return [];
}

function validateSubject({ user, groups }: SubjectAccessReviewSpec): FieldError[] {
  if (user || groups?.length) return [];
  return [field.invalid(spec.child("user"), user ?? "", "at least one of user or group must be specified")];
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
    fieldSelector: asked.fieldSelector?.rawSelector ?? formatRequirements(asked.fieldSelector?.requirements),
    labelSelector: asked.labelSelector?.rawSelector ?? formatRequirements(asked.labelSelector?.requirements),
  };
}
