import type { Attributes } from "../authorizer.ts";
import type { User } from "../user.ts";

/**
 * Attributes from a short question: `get secrets default/db`, `list pods.metrics.k8s.io default`, `create serviceaccounts/token ns/name`,
 * `get /metrics`. The place is a namespace, `namespace/name`, or `/name` for cluster-scoped objects.
 */
export function ask(user: User, question: string, more: Partial<Attributes> = {}): Attributes {
  const [verb = "", what = "", place = ""] = question.split(" ");
  const [namespace = "", name = ""] = place.split("/");
  const [path = "", ...group] = what.split(".");
  const [resource = "", subresource = ""] = path.split("/");
  const isResource = !what.startsWith("/");
  return {
    user,
    verb,
    isResource,
    path: isResource ? "" : what,
    group: isResource ? group.join(".") : "",
    version: "v1",
    resource: isResource ? resource : "",
    subresource: isResource ? subresource : "",
    namespace,
    name,
    ...more,
  };
}

export function userNamed(name: string, ...groups: readonly string[]): User {
  return { name, groups: [...groups, "system:authenticated"] };
}

export function nodeUser(nodeName: string): User {
  return userNamed(`system:node:${nodeName}`, "system:nodes");
}
