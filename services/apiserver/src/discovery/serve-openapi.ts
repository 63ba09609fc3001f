import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  type Descriptions,
  encodeOpenapiV2,
  type GroupInfo,
  groupVersionPath,
  openapiV2,
  openapiV3,
  resources,
} from "@tskube/api";
import type { GroupVersion } from "@tskube/apimachinery";
import type { CustomVersion } from "../apiextensions/custom-resources/version.ts";
import { withCustomV2, withCustomV3 } from "../apiextensions/openapi/documents.ts";
import { parseAccept } from "../http/accept.ts";
import type { Handler, RequestContext } from "../http/context.ts";
import { sendJson } from "../resources/respond.ts";
import { noSuchResource } from "../resources/router.ts";
import { gitVersion } from "../version.ts";

interface Document {
  readonly contentType: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Documents of many hundred kilobytes are asked for again and again: compressed once. */
  readonly compressed: Buffer;
}

const info = { title: "Kubernetes", version: gitVersion };
const v3Prefix = "/openapi/v3/";
const json = "application/json";
/** What clients ask for and what they are answered with differ by one character. */
const v2Protobuf = {
  accepted: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
  contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
};

/**
 * Answers `/openapi/v2`, `/openapi/v3` and the documents that it names. Each is made at its first use and then kept, until
 * the `custom` resources change that belong to it.
 */
export function serveOpenapi(loadDescriptions: () => Descriptions, custom: CustomSource): Handler {
  const documents = new Map<string, Document>();
  let madeWith = custom.groups();
  let descriptions: Descriptions | undefined;
  const describe = () => {
    descriptions ??= loadDescriptions();
    return descriptions;
  };
  let versions = servedVersions(madeWith);
  const documentOf = (path: string): Document | undefined => {
    const known = documents.get(path);
    if (known) return known;
    const document = makeDocument(path, versions.get(path), describe, custom.versions());
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
    if (madeWith !== custom.groups()) {
      madeWith = custom.groups();
      versions = servedVersions(madeWith);
      for (const path of [...documents.keys()]) if (!isBuiltIn(path)) documents.delete(path);
    }
    const { path } = context.exchange.url;
    if (path === "/openapi/v3" || path === v3Prefix) return sendJson(context.exchange, 200, index());
    const document = documentOf(documentPath(context));
    if (!document) throw noSuchResource();
    sendDocument(context, document);
  };
}

/** Where the resources that definitions add are asked for. */
export interface CustomSource {
  /** All groups; another list whenever they change. */
  groups(): readonly GroupInfo[];
  versions(): readonly CustomVersion[];
}

function servedVersions(groups: readonly GroupInfo[]): ReadonlyMap<string, GroupVersion> {
  const served = groups.flatMap((group) => group.versions).filter((version) => version.servedByDefault);
  return new Map(served.map((version) => [groupVersionPath(version), version]));
}

/** Whether a document has nothing but what the server was built with. */
function isBuiltIn(path: string): boolean {
  return resources.groups.some(({ versions }) => versions.some((version) => groupVersionPath(version) === path));
}

/** Which document a request wants: `v2`, `v2 protobuf` or the path of a group's version. */
function documentPath({ exchange }: RequestContext): string {
  const { path } = exchange.url;
  if (path.startsWith(v3Prefix)) return path.slice(v3Prefix.length);
  if (path !== "/openapi/v2") return "";
  const first = parseAccept(exchange.header("accept")).find(({ type }) => type === v2Protobuf.accepted || isJson(type));
  return first?.type === v2Protobuf.accepted ? "v2 protobuf" : "v2";
}

function isJson(type: string): boolean {
  return type === json || type === "application/*" || type === "*/*";
}

function makeDocument(
  path: string,
  version: GroupVersion | undefined,
  describe: () => Descriptions,
  custom: readonly CustomVersion[],
): Document | undefined {
  if (path === "v2 protobuf") {
    return toDocument(v2Protobuf.contentType, encodeOpenapiV2(withCustomV2(openapiV2(info, describe()), custom)));
  }
  const made =
    path === "v2"
      ? withCustomV2(openapiV2(info, describe()), custom)
      : version && v3Document(version, describe, custom);
  return made && toDocument(json, Buffer.from(JSON.stringify(made)));
}

const anyVersion = { group: "coordination.k8s.io", version: "v1" };

function v3Document(version: GroupVersion, describe: () => Descriptions, custom: readonly CustomVersion[]) {
  const builtIn = openapiV3(version, info, describe());
  const own = custom.filter((one) => one.info.group === version.group && one.info.version === version.version);
  if (own.length === 0) return builtIn;
  const base = builtIn ?? openapiV3(anyVersion, info, describe());
  return base && withCustomV3(base, own, builtIn !== undefined);
}

function toDocument(contentType: string, body: Buffer): Document {
  const etag = createHash("sha512").update(body).digest("hex").slice(0, 64).toUpperCase();
  return { contentType, etag, body, compressed: gzipSync(body, { level: 1 }) };
}

const cacheSeconds = 365 * 24 * 3600;

function sendDocument({ exchange }: RequestContext, { contentType, etag, body, compressed }: Document): void {
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
    exchange.send(200, { ...headers, "content-encoding": "gzip" }, compressed);
  } else {
    exchange.send(200, headers, body);
  }
}
