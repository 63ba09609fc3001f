import type { Descriptions } from "@tskube/api";
import { parseAccept } from "../http/accept.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";
import { type CustomSource, type OpenapiDocument, OpenapiDocuments, type RemoteSource } from "./openapi-documents.ts";

const v3Prefix = "/openapi/v3/";
/** What clients ask for; what they are answered with differs by one character. */
const v2Protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

export interface OpenapiSources {
  loadDescriptions(): Descriptions;
  readonly custom: CustomSource;
  readonly remote: RemoteSource;
  /** What answers for a group version's document that another server has; undefined for this one's own. */
  handlerOf(path: string): Handler | undefined;
}

/** Answers `/openapi/v2`, `/openapi/v3` and the documents that it names. */
export function serveOpenapi({ loadDescriptions, custom, remote, handlerOf }: OpenapiSources): Handler {
  const documents = new OpenapiDocuments(loadDescriptions, custom, remote);
  const index = () => {
    const urls = [...documents.index()].map(([path, url]) => [path, { serverRelativeURL: url }]);
    return { paths: Object.fromEntries(urls) };
  };
  return async (context) => {
    const { path } = context.exchange.url;
    if (path === "/openapi/v3" || path === v3Prefix) return sendJson(context.exchange, 200, index());
    const elsewhere = path.startsWith(v3Prefix) ? handlerOf(path.slice(v3Prefix.length)) : undefined;
    if (elsewhere) return elsewhere(context);
    const document = await documents.find(documentPath(context));
    if (!document) throw noSuchResource();
    await sendDocument(context, document);
  };
}

/** Which document a request wants: `v2`, `v2 protobuf` or the path of a group's version. */
function documentPath({ exchange }: RequestContext): string {
  const { path } = exchange.url;
  if (path.startsWith(v3Prefix)) return path.slice(v3Prefix.length);
  if (path !== "/openapi/v2") return "";
  const first = parseAccept(exchange.header("accept")).find(({ type }) => type === v2Protobuf || isJson(type));
  return first?.type === v2Protobuf ? "v2 protobuf" : "v2";
}

function isJson(type: string): boolean {
  return type === "application/json" || type === "application/*" || type === "*/*";
}

const cacheSeconds = 365 * 24 * 3600;

async function sendDocument(
  { exchange }: RequestContext,
  { contentType, etag, body, compressed }: OpenapiDocument,
): Promise<void> {
  const isPinned = exchange.url.query.get("hash") === etag;
  const isCompressed = exchange.header("accept-encoding")?.includes("gzip") === true;
  const headers = {
    "content-type": contentType,
    etag: `"${etag}"`,
    vary: "Accept, Accept-Encoding",
    "cache-control": isPinned ? `public, immutable, max-age=${cacheSeconds}` : "no-cache, private",
  };
  if (exchange.header("if-none-match") === headers.etag) {
    exchange.send(304, headers, "");
  } else if (isCompressed) {
    exchange.send(200, { ...headers, "content-encoding": "gzip" }, await compressed());
  } else {
    exchange.send(200, headers, body);
  }
}
