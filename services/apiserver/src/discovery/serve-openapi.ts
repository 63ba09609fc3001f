import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Descriptions, groupVersionPath, openapiV2, openapiV3, resources } from "@tskube/api";
import type { Handler, RequestContext } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";
import { gitVersion } from "../version.ts";

interface Document {
  readonly etag: string;
  readonly body: Buffer;
  /** Documents of many hundred kilobytes are asked for again and again: compressed once. */
  readonly compressed: Buffer;
}

const info = { title: "Kubernetes", version: gitVersion };
const v3Prefix = "/openapi/v3/";

/** Answers `/openapi/v2`, `/openapi/v3` and the documents that it names. Each is made at its first use and then kept. */
export function serveOpenapi(loadDescriptions: () => Descriptions): Handler {
  const documents = new Map<string, Document>();
  let descriptions: Descriptions | undefined;
  const describe = () => {
    descriptions ??= loadDescriptions();
    return descriptions;
  };
  const versions = new Map(
    resources.groups
      .flatMap((group) => group.versions)
      .filter((version) => version.servedByDefault)
      .map((version) => [groupVersionPath(version), version]),
  );
  const documentOf = (path: string): Document | undefined => {
    const known = documents.get(path);
    if (known) return known;
    const version = versions.get(path);
    const made = path === "v2" ? openapiV2(info, describe()) : version && openapiV3(version, info, describe());
    const document = made && toDocument(made);
    if (document) documents.set(path, document);
    return document;
  };
  const index = () => ({
    paths: Object.fromEntries(
      [...versions.keys()].map((path) => [
        path,
        { serverRelativeURL: `${v3Prefix}${path}?hash=${documentOf(path)?.etag ?? ""}` },
      ]),
    ),
  });
  return (context) => {
    const { path } = context.exchange.url;
    if (path === "/openapi/v3" || path === v3Prefix) return sendJson(context.exchange, 200, index());
    const document = documentOf(path === "/openapi/v2" ? "v2" : path.slice(v3Prefix.length));
    if (!document || !(path === "/openapi/v2" || path.startsWith(v3Prefix))) throw noSuchResource();
    sendDocument(context, document);
  };
}

function toDocument(value: object): Document {
  const body = Buffer.from(JSON.stringify(value));
  const etag = createHash("sha512").update(body).digest("hex").slice(0, 64).toUpperCase();
  return { etag, body, compressed: gzipSync(body, { level: 1 }) };
}

const cacheSeconds = 365 * 24 * 3600;

function sendDocument({ exchange }: RequestContext, { etag, body, compressed }: Document): void {
  const isPinned = exchange.url.query.get("hash") === etag;
  const isCompressed = exchange.header("accept-encoding")?.includes("gzip") === true;
  const headers = {
    "content-type": "application/json",
    etag: `"${etag}"`,
    vary: "Accept, Accept-Encoding",
    "cache-control": isPinned ? `public, immutable, max-age=${cacheSeconds}` : "no-cache, private",
  };
  if (exchange.header("if-none-match") === headers.etag) {
    exchange.send(304, headers, "");
  } else if (isCompressed) {
    exchange.send(200, { ...headers, "content-encoding": "gzip" }, compressed);
  } else {
    exchange.send(200, headers, body);
  }
}
