import type { NonResourceRule, ResourceRule, SelfSubjectRulesReview } from "@tskube/api";
import { badRequest } from "@tskube/apimachinery";
import { nodeIdentity } from "../node/node-identity.ts";
import type { PolicyRule } from "../rbac/types.ts";
import type { User } from "../user.ts";
import type { ReviewDeps } from "./deps.ts";

/** What may I do in this namespace? (`kubectl auth can-i --list`) */
export async function reviewSelfSubjectRules(
  user: User,
  review: SelfSubjectRulesReview,
  deps: ReviewDeps,
): Promise<SelfSubjectRulesReview> {
  const namespace = review.spec.namespace ?? "";
  if (!namespace) throw badRequest("no namespace on request");
  const rules = deps.authorizer.rbac?.rulesFor(user, namespace) ?? [];
  const unresolved = unresolvedReason(user, deps);
  return {
    ...review,
    status: {
      resourceRules: rules.flatMap(resourceRule),
      nonResourceRules: rules.flatMap(nonResourceRule),
      incomplete: unresolved !== "",
      ...(unresolved ? { evaluationError: unresolved } : {}),
    },
  };
}

/** Nodes may do more than their rules say, and modes without rules cannot be listed at all. */
function unresolvedReason(user: User, deps: ReviewDeps): string {
  if (!deps.authorizer.rbac) return "the authorizer does not support user rule resolution";
  if (deps.authorizer.asksOthers) return "webhook authorizer does not support user rule resolution";
  return nodeIdentity(user).isNode ? "node authorizer does not support user rule resolution" : "";
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): ResourceRule[] {
  if (!resources?.length) return [];
  return [{ verbs, apiGroups, resources, ...(resourceNames?.length ? { resourceNames } : {}) }];
}

function nonResourceRule({ verbs, nonResourceURLs }: PolicyRule): NonResourceRule[] {
  return nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [];
}
