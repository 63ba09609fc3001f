import type { GroupInfo } from "@tskube/api";
import type { Handler, RequestContext } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";
import { yamlText } from "../resources/yaml-encoding.ts";
import { chooseForm, type DiscoveryForm } from "./choose-form.ts";
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
    const isRoot = second === undefined && (prefix === "api" || prefix === "apis");
    const form = chooseForm(exchange.header("accept"), isRoot);
    if (isRoot) {
      if (form === "aggregated") return sendCached(context, aggregated[prefix](), aggregatedType);
      return send(context, form, prefix === "api" ? apiVersions(serverAddress) : apiGroupList(served()));
    }
    const document = more.length > 0 ? undefined : lowerDocument(source, served, prefix, second ?? "", third);
    if (!document) throw noSuchResource();
    send(context, form, document);
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

function send({ exchange }: RequestContext, form: DiscoveryForm, document: object): void {
  const headers = { "cache-control": "no-cache, private", "content-type": "application/yaml" };
  if (form === "json") sendJson(exchange, 200, document);
  else exchange.send(200, headers, yamlText(document));
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
