import { formatGroupVersion, notAcceptable } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { accepts, type MediaRange, parseAccept } from "../http/accept.ts";
import type { Exchange } from "../http/exchange.ts";
import type { TableColumns } from "../http/table-columns.ts";
import type { Encoding } from "../watch-cache/encoding.ts";
import type { Entry } from "../watch-cache/entry.ts";
import { jsonEncoding, shapedJsonEncoding } from "../watch-cache/json-encoding.ts";
import { partialProtobufEncoding, protobufEncoding } from "./protobuf-encoding.ts";
import type { WrittenResource } from "./served-resource.ts";
import { type RowObject, tableEncoding } from "./table-encoding.ts";
import { TableRows } from "./table-rows.ts";
import { yamlEncoding } from "./yaml-encoding.ts";

const metaGroup = "meta.k8s.io";
const protobufType = "application/vnd.kubernetes.protobuf";
const supported = ["application/json", "application/yaml", protobufType];

/** The encodings of one served resource, chosen by Accept headers. */
export class EncodingChooser {
  readonly #json: Encoding;
  readonly #yaml: Encoding;
  readonly #protobuf: Encoding | undefined;
  readonly #partial: Encoding;
  readonly #partialProtobuf: Encoding;
  readonly #columns: TableColumns;
  readonly #rows: TableRows;
  readonly #clock: Clock;

  constructor(resource: WrittenResource, columns: TableColumns, clock: Clock) {
    const { kind } = resource.info;
    const apiVersion = formatGroupVersion(resource.info);
    const { toServed, customJson } = resource;
    const ownJson = customJson ?? jsonEncoding(kind, apiVersion);
    this.#json = toServed
      ? shapedJsonEncoding({
          key: `json:${apiVersion}`,
          mediaType: "application/json",
          kind,
          listKind: `${kind}List`,
          apiVersion,
          encode: ({ object }) => Buffer.from(JSON.stringify(toServed(object))),
        })
      : ownJson;
    this.#yaml = yamlEncoding(this.#json);
    this.#protobuf = customJson ? undefined : protobufEncoding(resource);
    this.#partial = shapedJsonEncoding({
      key: "partial",
      mediaType: "application/json",
      kind: "PartialObjectMetadata",
      listKind: "PartialObjectMetadataList",
      apiVersion: `${metaGroup}/v1`,
      encode: partialObject,
    });
    this.#partialProtobuf = partialProtobufEncoding(resource, customJson !== undefined);
    this.#columns = columns;
    this.#rows = new TableRows(columns);
    this.#clock = clock;
  }

  get json(): Encoding {
    return this.#json;
  }

  /** The encoding itself, or JSON in place of one that is not. */
  asJson(encoding: Encoding): Encoding {
    return encoding.mediaType === "application/json" ? encoding : this.#json;
  }

  /** The first of the client's media types that the resource has; throws `notAcceptable`. */
  choose(exchange: Exchange): Encoding {
    for (const range of parseAccept(exchange.header("accept"))) {
      const encoding = this.#forRange(range, exchange);
      if (encoding) return encoding;
    }
    throw notAcceptable(this.#protobuf ? supported : supported.filter((type) => type !== protobufType));
  }

  #forRange(range: MediaRange, exchange: Exchange): Encoding | undefined {
    const { as, g, v } = range.parameters;
    if (as === undefined) {
      if (accepts(range, "application/json")) return this.#json;
      if (accepts(range, "application/yaml")) return this.#yaml;
      return accepts(range, protobufType) ? this.#protobuf : undefined;
    }
    if (g !== metaGroup || v !== "v1") return undefined;
    const isJson = accepts(range, "application/json");
    if (as === "Table")
      return isJson ? tableEncoding(this.#columns, this.#rows, this.#rowObject(exchange), this.#clock) : undefined;
    if (as !== "PartialObjectMetadata" && as !== "PartialObjectMetadataList") return undefined;
    if (isJson) return this.#partial;
    return accepts(range, protobufType) ? this.#partialProtobuf : undefined;
  }

  /** What a row of a table tells of its object. */
  #rowObject(exchange: Exchange): RowObject {
    switch (exchange.url.query.get("includeObject")) {
      case "None":
        return () => noObject;
      case "Object":
        return (entry) => this.#json.object(entry);
      default:
        return partialObject;
    }
  }
}

const noObject = Buffer.from("null");
const partialHead = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"${metaGroup}/v1","metadata":`);
const partialTail = Buffer.from("}");

/** An object's metadata under a kind of its own, cut out of the object's bytes. */
function partialObject({ metadata }: Entry): Buffer {
  return Buffer.concat([partialHead, metadata, partialTail]);
}
