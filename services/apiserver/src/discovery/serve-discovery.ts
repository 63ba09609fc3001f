import type { GroupInfo } from "@tskube/api";
import { notAcceptable } from "@tskube/apimachinery";
import { accepts, parseAccept } from "../http/accept.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type CachedDocument,
  cachedDocument,
} from "./documents.ts";
import { type RemoteVersion, type ServedGroup, servedGroups } from "./served-groups.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** What discovery tells of. Both lists are other ones whenever something in them changes. */
export interface DiscoverySource {
  /** What this server answers for. */
  groups(): readonly GroupInfo[];
  /** What others answer for. */
  remote(): readonly RemoteVersion[];
}

/** Answers `/api`, `/apis` and the lists of groups and versions below them. */
export function serveDiscovery(serverAddress: string, source: DiscoverySource): Handler {
  const served = oncePer(source, servedGroups);
  const aggregated = {
    api: oncePer(source, () => cachedDocument(aggregatedDiscovery(served(), "api"))),
    apis: oncePer(source, () => cachedDocument(aggregatedDiscovery(served(), "apis"))),
  };
  return (context) => {
    const { exchange } = context;
    const [prefix, second, third, ...more] = exchange.url.path.split("/").filter((segment) => segment !== "");
    if (second === undefined && (prefix === "api" || prefix === "apis")) {
      if (wantsAggregated(context)) return sendCached(context, aggregated[prefix](), aggregatedType);
      return sendJson(exchange, 200, prefix === "api" ? apiVersions(serverAddress) : apiGroupList(served()));
    }
    const document = more.length > 0 ? undefined : lowerDocument(source, served, prefix, second ?? "", third);
    if (!document) throw noSuchResource();
    sendJson(exchange, 200, document);
  };
}

function lowerDocument(
  source: DiscoverySource,
  served: () => readonly ServedGroup[],
  prefix: string | undefined,
  second: string,
  third: string | undefined,
): object | undefined {
  if (prefix === "api") return third === undefined ? apiResourceList(source.groups(), "", second) : undefined;
  return third === undefined ? apiGroup(served(), second) : apiResourceList(source.groups(), second, third);
}

/** The first form that the client names and we have. */
function wantsAggregated({ exchange }: RequestContext): boolean {
  for (const range of parseAccept(exchange.header("accept"))) {
    if (!accepts(range, "application/json")) continue;
    const { g, v, as, profile } = range.parameters;
    if (as === undefined && g === undefined) return false;
    if (g === "apidiscovery.k8s.io" && v === "v2" && as === "APIGroupDiscoveryList" && profile === undefined)
      return true;
  }
  if (exchange.header("accept")?.includes("protobuf")) throw notAcceptable(["application/json"]);
  return false;
}

function sendCached({ exchange }: RequestContext, document: CachedDocument, contentType: string): void {
  const headers = { "cache-control": "public", "content-type": contentType, etag: document.etag, vary: "Accept" };
  const isKnown = exchange.header("if-none-match") === document.etag;
  exchange.send(isKnown ? 304 : 200, headers, isKnown ? "" : document.body);
}

/** Makes it again only when what it is made of has changed. */
function oncePer<T>(
  source: DiscoverySource,
  make: (groups: readonly GroupInfo[], remote: readonly RemoteVersion[]) => T,
): () => T {
  let kept: { readonly of: readonly [readonly GroupInfo[], readonly RemoteVersion[]]; readonly made: T } | undefined;
  return () => {
    const [groups, remote] = [source.groups(), source.remote()] as const;
    if (kept?.of[0] !== groups || kept.of[1] !== remote) kept = { of: [groups, remote], made: make(groups, remote) };
    return kept.made;
  };
}
