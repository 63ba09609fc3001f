import { kinds } from "../kinds.ts";
import type { ResourceInfo } from "../rest/resource.ts";

/** What a request's path names. */
export interface Route {
  readonly info: ResourceInfo;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Resolves paths of the API against the kinds of `../kinds.ts` and those a test adds. */
export function createRouter(extra: readonly ResourceInfo[]): (path: string) => Route | undefined {
  const known = new Map<string, ResourceInfo>();
  for (const info of [...Object.values(kinds), ...extra])
    known.set(`${info.group}/${info.version}/${info.resource}`, info);

  return (path) => {
    const parts = path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
    const isCore = parts[0] === "api";
    if (!isCore && parts[0] !== "apis") return undefined;
    const [group = "", version = ""] = isCore ? ["", parts[1]] : [parts[1], parts[2]];
    const rest = parts.slice(isCore ? 2 : 3);
    // `/namespaces/x` alone is the namespace object; with a resource behind it, it is the scope of that resource.
    const isScoped = rest[0] === "namespaces" && rest.length > 2 && known.has(`${group}/${version}/${rest[2]}`);
    const [resource, name, ...subresource] = isScoped ? rest.slice(2) : rest;
    const info = known.get(`${group}/${version}/${resource}`);
    if (!info) return undefined;
    return {
      info,
      namespace: isScoped ? (rest[1] ?? "") : "",
      name,
      subresource: subresource.length > 0 ? subresource.join("/") : undefined,
    };
  };
}
