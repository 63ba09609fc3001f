import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
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
  compressed(): Buffer;
}

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
/** Documents with custom resources that are kept; others are made anew when they are asked for again. */
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
  readonly #withCustom = new Map<string, OpenapiDocument>();
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
  find(path: string): OpenapiDocument | undefined {
    this.#refresh();
    const isV2 = path.startsWith("v2");
    const own = (isV2 ? this.#custom.versions() : this.#byPath.get(path)) ?? [];
    const others = isV2 ? this.#remote.v2() : none;
    const converted = isV2 ? undefined : this.#remote.converted(path);
    if (converted) return toDocument(json, textOf(converted));
    if (own.length === 0 && others.parts.length === 0) {
      return kept(this.#builtIn, path, () => this.#make(path, [], others.parts));
    }
    const etag = documentHash(own, gitVersion + others.id);
    const document = kept(this.#withCustom, `${path} ${etag}`, () => this.#make(path, own, others.parts, etag));
    // Documents of former definitions are the oldest.
    for (const key of this.#withCustom.keys()) {
      if (this.#withCustom.size <= maxCustomKept) break;
      this.#withCustom.delete(key);
    }
    return document;
  }

  #urlOf(path: string): string {
    const own = this.#byPath.get(path);
    const hash = own ? documentHash(own, gitVersion) : (this.find(path)?.etag ?? "");
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

  #make(
    path: string,
    own: readonly PublishedVersion[],
    others: readonly JsonObject[],
    etag?: string,
  ): OpenapiDocument | undefined {
    if (path === "v2") return toDocument(json, textOf(this.#v2(own, others)), etag);
    if (path === "v2 protobuf") return toDocument(v2ContentType, encodeOpenapiV2(this.#v2(own, others)), etag);
    const version = this.#versions.get(path);
    const made = version && this.#v3(version, own);
    return made && toDocument(json, textOf(made), etag);
  }

  #v2(own: readonly PublishedVersion[], others: readonly JsonObject[]): JsonObject {
    return mergeV2(withCustomV2(openapiV2(info, this.#describe()), own), others);
  }

  #v3(version: GroupVersion, own: readonly PublishedVersion[]) {
    const builtIn = openapiV3(version, info, this.#describe());
    if (own.length === 0) return builtIn;
    const base = builtIn ?? openapiV3(anyVersion, info, this.#describe());
    return base && withCustomV3(base, own, builtIn !== undefined);
  }

  #describe(): Descriptions {
    this.#descriptions ??= this.#loadDescriptions();
    return this.#descriptions;
  }
}

/** A group version whose document has the types that all documents share. */
const anyVersion = { group: "coordination.k8s.io", version: "v1" };

function kept(
  documents: Map<string, OpenapiDocument>,
  key: string,
  make: () => OpenapiDocument | undefined,
): OpenapiDocument | undefined {
  const known = documents.get(key);
  const document = known ?? make();
  if (!document) return undefined;
  documents.delete(key);
  documents.set(key, document);
  return document;
}

function textOf(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function toDocument(contentType: string, body: Buffer, etag = contentHash(body)): OpenapiDocument {
  let compressed: Buffer | undefined;
  return {
    contentType,
    etag,
    body,
    compressed() {
      compressed ??= gzipSync(body, { level: 1 });
      return compressed;
    },
  };
}

function contentHash(body: Buffer): string {
  return createHash("sha512").update(body).digest("hex").slice(0, 64).toUpperCase();
}
