import type { GroupVersionKind } from "@tskube/apimachinery";
import { celType, type Type } from "../../cel/index.ts";
import type { PublishedVersion } from "../custom-resources/custom-resources.ts";
import { schemaType } from "./schema-type.ts";

/** The type of a custom kind's objects in expressions of others, which may read all of the metadata; undefined for a kind that is not served. */
export function customType(versions: readonly PublishedVersion[], kind: GroupVersionKind): Type | undefined {
  const version = versions.find(
    ({ info }) => info.group === kind.group && info.version === kind.version && info.kind === kind.kind,
  );
  const type = version && schemaType(version.schema(), true)?.type;
  if (type?.kind !== "object") return undefined;
  const metadata = { json: "metadata", type: celType.DYN };
  return celType.objectType(kind.kind, () => new Map(type.fields()).set("metadata", metadata));
}
