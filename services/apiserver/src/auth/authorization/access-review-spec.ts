import type { SubjectAccessReviewSpec } from "@tskube/api";
import type { Attributes } from "../authorizer.ts";
import { userInfo } from "../reviews/user-info.ts";
import { fieldRequirements, labelRequirements } from "./requirements-of.ts";

/** What is asked, as a SubjectAccessReview asks it. */
export function accessReviewSpec(attributes: Attributes): SubjectAccessReviewSpec {
  const { username, uid, groups, extra } = userInfo(attributes.user);
  return {
    ...(attributes.isResource
      ? { resourceAttributes: resourceAttributes(attributes) }
      : { nonResourceAttributes: { path: attributes.path, verb: attributes.verb } }),
    ...(username && { user: username }),
    ...(groups && groups.length > 0 && { groups }),
    ...(extra && { extra }),
    ...(uid && { uid }),
  };
}

function resourceAttributes(attributes: Attributes): NonNullable<SubjectAccessReviewSpec["resourceAttributes"]> {
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  const fields = fieldRequirements(attributes.fieldSelector);
  const labels = labelRequirements(attributes.labelSelector);
  return {
    ...(namespace && { namespace }),
    ...(verb && { verb }),
    ...(group && { group }),
    ...(version && { version }),
    ...(resource && { resource }),
    ...(subresource && { subresource }),
    ...(name && { name }),
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  };
}
