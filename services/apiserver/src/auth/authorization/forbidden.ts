import { forbidden, goQuote, type StatusError } from "@tskube/apimachinery";
import type { Attributes } from "../authorizer.ts";

/** Why a request is refused, in upstream's words: `User "x" cannot list resource "pods" in API group "" in the namespace "y"`. */
export function forbiddenMessage(attributes: Attributes, reason = ""): string {
  const because = reason ? `: ${reason}` : "";
  const { user, verb, path, group, namespace } = attributes;
  if (!attributes.isResource) return `User ${goQuote(user.name)} cannot ${verb} path ${goQuote(path)}${because}`;
  const resource = attributes.subresource ? `${attributes.resource}/${attributes.subresource}` : attributes.resource;
  const scope = namespace ? `in the namespace ${goQuote(namespace)}` : "at the cluster scope";
  return `User ${goQuote(user.name)} cannot ${verb} resource ${goQuote(resource)} in API group ${goQuote(group)} ${scope}${because}`;
}

/** The 403 Status that answers a request which no authorizer allowed. */
export function forbiddenError(attributes: Attributes, reason = ""): StatusError {
  const { group, resource, name } = attributes;
  return forbidden(
    { group, resource: attributes.isResource ? resource : "" },
    name,
    forbiddenMessage(attributes, reason),
  );
}
