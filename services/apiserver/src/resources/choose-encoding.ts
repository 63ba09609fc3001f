import { formatGroupVersion, notAcceptable } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import { accepts, type MediaRange, parseAccept } from "../http/accept.ts";
import type { Exchange } from "../http/exchange.ts";
import type { TableColumns } from "../http/table-columns.ts";
import type { Encoding } from "../watch-cache/encoding.ts";
import { jsonEncoding, shapedJsonEncoding } from "../watch-cache/json-encoding.ts";
import { protobufEncoding } from "./protobuf-encoding.ts";
import type { ServedResource } from "./served-resource.ts";
import { type IncludeObject, tableEncoding } from "./table-encoding.ts";
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
  readonly #columns: TableColumns;
  readonly #clock: Clock;

  constructor(resource: ServedResource, columns: TableColumns, clock: Clock) {
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
          shape: toServed,
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
      shape: ({ metadata }) => ({ kind: "PartialObjectMetadata", apiVersion: `${metaGroup}/v1`, metadata }),
    });
    this.#columns = columns;
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
    if (accepts(range, "application/json")) {
      if (as === undefined) return this.#json;
      if (g !== metaGroup || v !== "v1") return undefined;
      if (as === "Table") return tableEncoding(this.#columns, includeObject(exchange), this.#clock);
      return as === "PartialObjectMetadata" || as === "PartialObjectMetadataList" ? this.#partial : undefined;
    }
    if (as !== undefined) return undefined;
    if (accepts(range, "application/yaml")) return this.#yaml;
    return accepts(range, protobufType) ? this.#protobuf : undefined;
  }
}

function includeObject(exchange: Exchange): IncludeObject {
  const wanted = exchange.url.query.get("includeObject");
  return wanted === "None" || wanted === "Object" ? wanted : "Metadata";
}
