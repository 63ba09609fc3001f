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

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Answers `/api`, `/apis` and the lists of groups and versions below them. `groups` returns another list whenever what is served changes. */
export function serveDiscovery(serverAddress: string, groups: () => readonly GroupInfo[]): Handler {
  const aggregated = {
    api: oncePer(groups, (all) => aggregatedDiscovery(all, "api")),
    apis: oncePer(groups, (all) => aggregatedDiscovery(all, "apis")),
  };
  return (context) => {
    const { exchange } = context;
    const [prefix, second, third, ...more] = exchange.url.path.split("/").filter((segment) => segment !== "");
    if (second === undefined && (prefix === "api" || prefix === "apis")) {
      if (wantsAggregated(context)) return sendCached(context, aggregated[prefix](), aggregatedType);
      return sendJson(exchange, 200, prefix === "api" ? apiVersions(serverAddress) : apiGroupList(groups()));
    }
    const document = more.length > 0 ? undefined : lowerDocument(groups(), prefix, second ?? "", third);
    if (!document) throw noSuchResource();
    sendJson(exchange, 200, document);
  };
}

function lowerDocument(
  groups: readonly GroupInfo[],
  prefix: string | undefined,
  second: string,
  third: string | undefined,
): object | undefined {
  if (prefix === "api") return third === undefined ? apiResourceList(groups, "", second) : undefined;
  return third === undefined ? apiGroup(groups, second) : apiResourceList(groups, second, third);
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

function oncePer(
  groups: () => readonly GroupInfo[],
  make: (groups: readonly GroupInfo[]) => object,
): () => CachedDocument {
  let madeOf: readonly GroupInfo[] | undefined;
  let made = cachedDocument({});
  return () => {
    const now = groups();
    if (now !== madeOf) [madeOf, made] = [now, cachedDocument(make(now))];
    return made;
  };
}
