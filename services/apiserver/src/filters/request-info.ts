import { pinnedField } from "../auth/authorization/pinned-field.ts";

/** What a path and method ask for, in the API's terms. */
export interface RequestInfo {
  readonly isResource: boolean;
  /** `get`, `list`, `watch`, `create`, …; for other paths the method in lower case. */
  readonly verb: string;
  readonly path: string;
  /** `api` or `apis`; empty for other paths. */
  readonly prefix: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows `proxy/` of a proxy subresource, percent-encoded as it came. */
  readonly rest: string;
}

const methodVerbs: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Subresources of a namespace: anything else after `namespaces/NAME/` is a resource in it. */
const namespaceSubresources = new Set(["status", "finalize"]);

/**
 * Reads `/api/v1/namespaces/NS/pods/NAME/status` and its like. Paths of fewer than three segments (`/api`, `/apis/apps/v1`) and all others
 * are no resource requests.
 */
export function requestInfo(method: string, rawPath: string, query: URLSearchParams): RequestInfo {
  const segments = splitPath(rawPath);
  const prefix = segments[0] ?? "";
  const grouped = prefix === "apis";
  const versionAt = grouped ? 2 : 1;
  if ((prefix !== "api" && !grouped) || segments.length <= versionAt + 1) return pathInfo(method, rawPath);

  const group = grouped ? (segments[1] ?? "") : "";
  const version = segments[versionAt] ?? "";
  let at = versionAt + 1;
  const isOldWatch = segments[at] === "watch" && segments.length > at + 1;
  if (isOldWatch) at++;

  let namespace = "";
  if (segments[at] === "namespaces" && segments.length > at + 1) {
    const third = segments[at + 2];
    namespace = segments[at + 1] ?? "";
    if (third !== undefined && !namespaceSubresources.has(third)) at += 2;
  }
  const resource = segments[at] ?? "";
  const name = segments[at + 1] ?? "";
  const subresource = segments[at + 2] ?? "";
  const rest = subresource === "proxy" ? restOf(rawPath, at + 3) : "";
  const verb = isOldWatch ? "watch" : resourceVerb(method, name, query);
  const named = name !== "" || (verb !== "list" && verb !== "watch" && verb !== "deletecollection");
  return {
    isResource: true,
    verb,
    path: rawPath,
    prefix,
    group,
    version,
    namespace,
    resource,
    subresource,
    name: named ? name : nameOfFieldSelector(query),
    rest,
  };
}

function pathInfo(method: string, path: string): RequestInfo {
  const verb = method.toLowerCase();
  return {
    isResource: false,
    verb,
    path,
    prefix: "",
    group: "",
    version: "",
    namespace: "",
    resource: "",
    subresource: "",
    name: "",
    rest: "",
  };
}

function resourceVerb(method: string, name: string, query: URLSearchParams): string {
  const verb = methodVerbs[method] ?? "";
  if (name !== "") return verb;
  if (verb === "get") return isTrue(query.get("watch")) ? "watch" : "list";
  return verb === "delete" ? "deletecollection" : verb;
}

/** `fieldSelector=metadata.name=web` makes a list or watch one of a single object, which authorization by name can allow. */
function nameOfFieldSelector(query: URLSearchParams): string {
  const name = pinnedField(query.get("fieldSelector") ?? "", "metadata.name") ?? "";
  const isSegment = name !== "." && name !== ".." && !/[/%]/.test(name);
  return isSegment ? name : "";
}

export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}

function splitPath(rawPath: string): string[] {
  const segments = rawPath.split("/").filter((segment) => segment !== "");
  return rawPath.includes("%") ? segments.map((segment) => decodeURIComponent(segment)) : segments;
}

function restOf(rawPath: string, skip: number): string {
  let at = 0;
  for (let seen = 0; seen < skip; seen++) {
    while (rawPath[at] === "/") at++;
    at = rawPath.indexOf("/", at);
    if (at < 0) return "";
  }
  return rawPath.slice(at);
}
