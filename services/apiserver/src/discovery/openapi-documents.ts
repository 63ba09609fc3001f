import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  type Descriptions,
  encodeOpenapiV2,
  type GroupInfo,
  groupVersionPath,
  openapiV2,
  openapiV3,
} from "@tskube/api";
import type { GroupVersion, JsonObject } from "@tskube/apimachinery";
import { mergeV2 } from "../aggregation/openapi/merge-v2.ts";
import type { PublishedVersion } from "../apiextensions/custom-resources/custom-resources.ts";
import { documentHash, withCustomV2, withCustomV3 } from "../apiextensions/openapi/documents.ts";
import { gitVersion } from "../version.ts";

/** A document in the form that it is sent in. */
export interface OpenapiDocument {
  readonly contentType: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Documents of many hundred kilobytes are asked for again and again: compressed once, at the first use. */
  compressed(): Promise<Buffer>;
}

/** The version 2 document of many definitions takes its time. */
type Found = OpenapiDocument | undefined | Promise<OpenapiDocument | undefined>;

/** Where the documents of other servers' versions are asked for. */
export interface RemoteSource {
  /** Parts to put into the version 2 document, and a text that is another one whenever they are. */
  v2(): { readonly id: string; readonly parts: readonly JsonObject[] };
  /** URLs of version 3 documents by path. */
  v3(): ReadonlyMap<string, string>;
  /** The version 3 document of a path that this server has to give out for the other. */
  converted(path: string): JsonObject | undefined;
}

/** Where the resources that definitions add are asked for. */
export interface CustomSource {
  /** All groups; another list whenever they change. */
  groups(): readonly GroupInfo[];
  versions(): readonly PublishedVersion[];
}

const info = { title: "Kubernetes", version: gitVersion };
const json = "application/json";
const none = { id: "", parts: [] as readonly JsonObject[] };
const v2ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** Paths whose documents with custom resources are kept; others are made anew when they are asked for again. */
const maxCustomKept = 32;

/**
 * The documents, made at their first use. Those without custom resources are kept for good. The others are known by a hash of the definitions that
 * they are made of: that is told without making them, and one that is not asked for costs nothing.
 */
export class OpenapiDocuments {
  readonly #loadDescriptions: () => Descriptions;
  readonly #custom: CustomSource;
  readonly #remote: RemoteSource;
  readonly #builtIn = new Map<string, OpenapiDocument>();
  /** The newest of each path, those that were asked for last at the end. */
  readonly #withCustom = new Map<string, { readonly etag: string; readonly document: Found }>();
  #descriptions: Descriptions | undefined;
  #groups: readonly GroupInfo[] | undefined;
  #versions: ReadonlyMap<string, GroupVersion> = new Map();
  #byPath: ReadonlyMap<string, readonly PublishedVersion[]> = new Map();

  constructor(loadDescriptions: () => Descriptions, custom: CustomSource, remote: RemoteSource) {
    this.#loadDescriptions = loadDescriptions;
    this.#custom = custom;
    this.#remote = remote;
  }

  /** The group versions that have a document, and where it is, with its hash. */
  index(): Map<string, string> {
    this.#refresh();
    const own = [...this.#versions.keys()].map((path): [string, string] => [path, this.#urlOf(path)]);
    return new Map([...own, ...this.#remote.v3()]);
  }

  /** `v2`, `v2 protobuf` or a group version's path; undefined where there is none. */
  find(path: string): Found {
    this.#refresh();
    const isV2 = path.startsWith("v2");
    const own = (isV2 ? this.#custom.versions() : this.#byPath.get(path)) ?? [];
    const others = isV2 ? this.#remote.v2() : none;
    const converted = isV2 ? undefined : this.#remote.converted(path);
    if (converted) return toDocument(json, textOf(converted));
    if (own.length === 0 && others.parts.length === 0) return this.#findBuiltIn(path);
    const etag = documentHash(own, gitVersion + others.id);
    const known = this.#withCustom.get(path);
    const document = known?.etag === etag ? known.document : this.#make(path, own, others.parts, etag);
    this.#withCustom.delete(path);
    this.#withCustom.set(path, { etag, document });
    for (const oldest of this.#withCustom.keys()) {
      if (this.#withCustom.size <= maxCustomKept) break;
      this.#withCustom.delete(oldest);
    }
    return document;
  }

  #findBuiltIn(path: string): OpenapiDocument | undefined {
    const document = this.#builtIn.get(path) ?? this.#makeBuiltIn(path);
    if (document) this.#builtIn.set(path, document);
    return document;
  }

  #urlOf(path: string): string {
    const own = this.#byPath.get(path);
    const hash = own ? documentHash(own, gitVersion) : (this.#findBuiltIn(path)?.etag ?? "");
    return `/openapi/v3/${path}?hash=${hash}`;
  }

  #refresh(): void {
    const groups = this.#custom.groups();
    if (groups === this.#groups) return;
    this.#groups = groups;
    const served = groups.flatMap((group) => group.versions).filter((version) => version.servedByDefault);
    this.#versions = new Map(served.map((version) => [groupVersionPath(version), version]));
    const byPath = new Map<string, PublishedVersion[]>();
    for (const version of this.#custom.versions()) {
      const path = groupVersionPath(version.info);
      byPath.set(path, [...(byPath.get(path) ?? []), version]);
    }
    this.#byPath = byPath;
  }

  #makeBuiltIn(path: string): OpenapiDocument | undefined {
    if (path.startsWith("v2")) return v2Document(path, openapiV2(info, this.#describe()));
    const version = this.#versions.get(path);
    const made = version && openapiV3(version, info, this.#describe());
    return made && toDocument(json, textOf(made));
  }

  #make(path: string, own: readonly PublishedVersion[], others: readonly JsonObject[], etag: string): Found {
    if (path.startsWith("v2")) return this.#makeV2(path, own, others, etag);
    const version = this.#versions.get(path);
    const builtIn = version && openapiV3(version, info, this.#describe());
    const base = builtIn ?? openapiV3(anyVersion, info, this.#describe());
    return base && toDocument(json, textOf(withCustomV3(base, own, builtIn !== undefined)), etag);
  }

  async #makeV2(
    path: string,
    own: readonly PublishedVersion[],
    others: readonly JsonObject[],
    etag: string,
  ): Promise<OpenapiDocument> {
    const document = await withCustomV2(openapiV2(info, this.#describe()), own);
    return v2Document(path, mergeV2(document, others), etag);
  }

  #describe(): Descriptions {
    this.#descriptions ??= this.#loadDescriptions();
    return this.#descriptions;
  }
}

/** A group version whose document has the types that all documents share. */
const anyVersion = { group: "coordination.k8s.io", version: "v1" };

function v2Document(path: string, document: JsonObject, etag?: string): OpenapiDocument {
  return path === "v2"
    ? toDocument(json, textOf(document), etag)
    : toDocument(v2ContentType, encodeOpenapiV2(document), etag);
}

function textOf(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function toDocument(contentType: string, body: Buffer, etag = contentHash(body)): OpenapiDocument {
  let compressed: Promise<Buffer> | undefined;
  return {
    contentType,
    etag,
    body,
    compressed() {
      compressed ??= promisify(gzip)(body, { level: 1 });
      return compressed;
    },
  };
}

function contentHash(body: Buffer): string {
  return createHash("sha512").update(body).digest("hex").slice(0, 64).toUpperCase();
}
