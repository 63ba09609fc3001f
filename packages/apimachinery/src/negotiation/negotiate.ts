import { type AcceptClause, parseAccept } from "./accept.ts";

export const mediaTypes = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
  cbor: "application/cbor",
  jsonPatch: "application/json-patch+json",
  mergePatch: "application/merge-patch+json",
  strategicMergePatch: "application/strategic-merge-patch+json",
  applyYaml: "application/apply-patch+yaml",
  applyCbor: "application/apply-patch+cbor",
} as const;

/** Another form in which a client wants its objects: `Table`, `PartialObjectMetadata` or `PartialObjectMetadataList`. */
export interface TransformTarget {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface NegotiatedType {
  /** One of the types that were offered. */
  readonly mediaType: string;
  /** Absent for the objects as they are. */
  readonly as?: TransformTarget;
  /** For a watch: frames of the type are sent with lengths or line by line (`stream=watch`). */
  readonly stream?: string;
  /** JSON is wanted indented (`pretty=1`). */
  readonly pretty: boolean;
}

export interface Offer {
  /** Media types the endpoint can write, the preferred one first. */
  readonly mediaTypes: readonly string[];
  /** Whether it can give objects in the form a client asks for; without it every such wish is refused. */
  accepts?(target: TransformTarget): boolean;
}

/** The form of the answer, or undefined if the client takes none that is offered (406). */
export function negotiate(acceptHeader: string | undefined, offer: Offer): NegotiatedType | undefined {
  for (const clause of parseAccept(acceptHeader)) {
    const mediaType = offer.mediaTypes.find((type) => matches(clause.type, type));
    const target = transformOf(clause);
    if (mediaType === undefined || target === "malformed") continue;
    if (target && !offer.accepts?.(target)) continue;
    const stream = clause.params["stream"];
    const pretty = clause.params["pretty"];
    return {
      mediaType,
      ...(target && { as: target }),
      ...(stream !== undefined && { stream }),
      pretty: pretty === "1" || pretty === "true",
    };
  }
  return undefined;
}

function matches(range: string, type: string): boolean {
  if (range === "*/*" || range === type) return true;
  return range.endsWith("/*") && type.startsWith(range.slice(0, -1));
}

/** `;as=Table;v=v1;g=meta.k8s.io`. */
function transformOf({ params }: AcceptClause): TransformTarget | "malformed" | undefined {
  const { as: kind, v: version, g: group } = params;
  if (kind === undefined) return undefined;
  return version === undefined || group === undefined || kind === "" ? "malformed" : { group, version, kind };
}

/** The media type of a Content-Type header without parameters, lower case; empty if there is no header. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
