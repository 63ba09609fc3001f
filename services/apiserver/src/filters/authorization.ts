import { type Attributes, type Authorizer, forbiddenError } from "../auth/index.ts";
import type { Filter, RequestContext } from "../http/context.ts";

/** Lets only those through who may do what they ask. */
export function authorization(authorizer: Authorizer): Filter {
  return (next) => async (context) => {
    const attributes = attributesOf(context);
    const decision = await authorizer.authorize(attributes);
    const { audit } = context.exchange;
    if (audit) {
      audit.annotate("authorization.k8s.io/decision", decision.allowed ? "allow" : "forbid");
      audit.annotate("authorization.k8s.io/reason", decision.reason);
    }
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
    await next(context);
  };
}

function attributesOf({ exchange, info, user }: RequestContext): Attributes {
  const { verb, isResource, path, group, version, resource, subresource, namespace, name } = info;
  const { query } = exchange.url;
  const fieldSelector = query.get("fieldSelector");
  const labelSelector = query.get("labelSelector");
  return {
    user,
    verb,
    isResource,
    path,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    ...(fieldSelector && { fieldSelector }),
    ...(labelSelector && { labelSelector }),
  };
}
