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

/** Whether there can be resources inside the values of a schema. */
export function hasEmbedded(schema: Schema): boolean {
  const { additionalProperties, properties = {} } = schema;
  const items = itemsOf(schema);
  const below = [...Object.values(properties), ...(items ? [items] : [])];
  if (typeof additionalProperties === "object") below.push(additionalProperties);
  return below.some((child) => isEmbeddedResource(child) || hasEmbedded(child));
}

/** What becomes of the metadata of resources inside an object that is none. */
type OnInvalid = "drop" | "refuse";

/**
 * Brings the metadata of resources inside the object into form, in place. Returns the paths of fields that metadata does not have, which go. Metadata
 * that is none goes too, or is refused by a `DecodeError`.
 */
export function normalizeEmbedded(value: unknown, schema: Schema, onInvalid: OnInvalid, path = ""): string[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items ? value.flatMap((item, index) => normalizeEmbedded(item, items, onInvalid, `${path}[${index}]`)) : [];
  }
  if (!isMap(value)) return [];
  const isResource = path !== "" && isEmbeddedResource(schema) && Object.hasOwn(value, "metadata");
  const unknown = isResource ? normalizeOwn(value, onInvalid, path) : [];
  const below = Object.keys(value).flatMap((name) => {
    const child = childOf(schema, name);
    return child ? normalizeEmbedded(value[name], child, onInvalid, path === "" ? name : `${path}.${name}`) : [];
  });
  return [...unknown, ...below];
}

function normalizeOwn(resource: JsonMap, onInvalid: OnInvalid, path: string): string[] {
  const { metadata } = resource;
  try {
    const { object, warnings } = readApplied(objectMeta, { value: metadata, duplicates: [] }, "Warn");
    resource["metadata"] = object;
    return warnings.map((text) => text.replace(/^unknown field "(.*)"$/, `${path}.metadata.$1`));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (onInvalid === "refuse") {
      throw new DecodeError(`${path}.metadata: Invalid value: ${JSON.stringify(metadata)}: ${error.message}`);
    }
    delete resource["metadata"];
    return [];
  }
}
