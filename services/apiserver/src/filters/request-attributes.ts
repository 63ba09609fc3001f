import type { Attributes, User } from "../auth/index.ts";
import type { RequestInfo } from "./request-info.ts";

/** Selectors narrow what is asked only where many objects are. */
const selectingVerbs = new Set(["list", "watch", "deletecollection"]);

/** What a request asks for, in authorization's terms. */
export function requestAttributes(info: RequestInfo, query: Pick<URLSearchParams, "get">, user: User): Attributes {
  const { verb, isResource, path, group, version, resource, subresource, namespace, name } = info;
  const isSelecting = isResource && selectingVerbs.has(verb);
  const fieldSelector = isSelecting ? query.get("fieldSelector") : undefined;
  const labelSelector = isSelecting ? query.get("labelSelector") : undefined;
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
