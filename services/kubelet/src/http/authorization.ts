/** What the API server is asked about a request: may this user do this to the node? */
export interface Attributes {
  readonly verb: string;
  readonly resource: "nodes";
  readonly subresource: string;
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const bySection: readonly (readonly [string, string])[] = [
  ["/stats", "stats"],
  ["/metrics", "metrics"],
  ["/logs", "log"],
  ["/checkpoint", "checkpoint"],
];

/** Paths with a subresource of their own, for clients that should not get all of `nodes/proxy`. */
const fineGrained: Readonly<Record<string, string>> = {
  "/pods": "pods",
  "/runningpods": "pods",
  "/healthz": "healthz",
  "/configz": "configz",
};

/** The questions to ask in order; one yes is enough. */
export function attributesOf(method: string, pathname: string): Attributes[] {
  const verb = verbs[method] ?? method.toLowerCase();
  const path = pathname.replace(/\/+$/, "") || "/";
  const own = bySection.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  if (own) return [{ verb, resource: "nodes", subresource: own[1] }];
  const fine = fineGrained[path] ?? (path.startsWith("/healthz/") ? "healthz" : undefined);
  const proxy: Attributes = { verb, resource: "nodes", subresource: "proxy" };
  return fine ? [{ verb, resource: "nodes", subresource: fine }, proxy] : [proxy];
}
