import { DecodeError, normalize, readApplied } from "@tskube/api";
import { childOf, isEmbeddedResource, isMap, itemsOf, type JsonMap, type Schema } from "./structure.ts";

const objectMeta = "meta/v1.ObjectMeta";

/**
 * Reads an object's metadata as the type that all kinds share. Throws `DecodeError`. `unknown` are fields that the type does not have.
 */
export function readMetadata(metadata: unknown): { readonly metadata: JsonMap; readonly unknown: readonly string[] } {
  const read = normalize(objectMeta, metadata ?? {});
  const { warnings } = readApplied(objectMeta, { value: metadata ?? {}, duplicates: [] }, "Warn");
  return { metadata: read, unknown: warnings.map((text) => text.replace(/^unknown field "(.*)"$/, "metadata.$1")) };
}

/** Metadata as it was applied. Fields that the type does not have stay, for field management to name them. Throws `DecodeError`. */
export function readAppliedMetadata(metadata: unknown): JsonMap {
  const value = metadata ?? {};
  const { object, warnings } = readApplied(objectMeta, { value, duplicates: [] }, "Warn");
  const unknown = warnings.flatMap((text) => /^unknown field "([^".]+)"$/.exec(text)?.[1] ?? []);
  return { ...object, ...Object.fromEntries(unknown.map((name) => [name, (value as JsonMap)[name]])) };
}

/** Brings the metadata of resources inside the object into form, in place; what is no metadata at all goes. */
export function normalizeEmbedded(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items) for (const item of value) normalizeEmbedded(item, items);
    return;
  }
  if (!isMap(value)) return;
  if (isEmbeddedResource(schema) && Object.hasOwn(value, "metadata")) normalizeOwn(value);
  for (const name of Object.keys(value)) {
    const child = childOf(schema, name);
    if (child) normalizeEmbedded(value[name], child);
  }
}

function normalizeOwn(resource: JsonMap): void {
  try {
    resource["metadata"] = readApplied(objectMeta, { value: resource["metadata"], duplicates: [] }).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    delete resource["metadata"];
  }
}
