import { aggregateMessage, Path, validateAnnotations, validateLabels } from "@tskube/apimachinery";
import { goTypeOf } from "../schema/go-type.ts";
import { isMap, type JsonMap } from "../schema/structure.ts";

/**
 * The objects that a webhook made, with the metadata that they had: of that, labels and annotations alone may change. Throws what `fail` makes of
 * the first thing that conversion may not do, in upstream's words.
 */
export function acceptConverted(
  converted: readonly unknown[],
  asked: readonly JsonMap[],
  apiVersion: string,
  fail: (what: string) => Error,
): JsonMap[] {
  if (converted.length !== asked.length) {
    throw fail(`returned ${converted.length} objects, expected ${asked.length}`);
  }
  return asked.map((before, index) => {
    const at = asked.length === 1 ? "" : ` at index ${index}`;
    const object = converted[index];
    const wrong = isMap(object) ? objectProblem(object, before, apiVersion) : "not an object";
    if (wrong) throw fail(`returned invalid ${at ? "converted " : ""}object${at}: ${wrong}`);
    try {
      return restoreMetadata(object as JsonMap, before);
    } catch (error) {
      throw fail(`returned invalid metadata${at && ` in object${at}`}: ${(error as Error).message}`);
    }
  });
}

/** Names of the metadata that identify an object, as messages have them. */
const identity = { name: "name", namespace: "namespace", uid: "UID" } as const;

function objectProblem(object: JsonMap, before: JsonMap, apiVersion: string): string | undefined {
  if (object["apiVersion"] !== apiVersion) {
    return `invalid groupVersion (expected ${apiVersion}, received ${object["apiVersion"] ?? "/"})`;
  }
  if (object["kind"] !== before["kind"]) {
    return `invalid kind (expected ${before["kind"]}, received ${object["kind"] ?? ""})`;
  }
  const [old, now] = [before["metadata"], object["metadata"]].map((one) => (isMap(one) ? one : {}));
  for (const [name, shown] of Object.entries(identity)) {
    const [was, is] = [old?.[name] ?? "", now?.[name] ?? ""];
    if (was !== is && isMap(object["metadata"])) return `must have the same ${shown}: ${was} != ${is}`;
  }
  return undefined;
}

function restoreMetadata(object: JsonMap, before: JsonMap): JsonMap {
  if (!Object.hasOwn(object, "metadata")) throw new Error("missing metadata in converted object");
  const { metadata } = object;
  if (!isMap(metadata)) throw new Error(`invalid metadata of type ${goTypeOf(metadata)} in converted object`);
  const { labels: _labels, annotations: _annotations, ...kept } = (before["metadata"] ?? {}) as JsonMap;
  for (const name of ["labels", "annotations"] as const) {
    const texts = textsOf(metadata[name], name);
    if (!texts) continue;
    const path = Path.of("metadata", name);
    const errors = name === "labels" ? validateLabels(texts, path) : validateAnnotations(texts, path);
    if (errors.length > 0) throw new Error(aggregateMessage(errors));
    kept[name] = texts;
  }
  return { ...object, metadata: kept };
}

function textsOf(value: unknown, name: string): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isMap(value)) throw new Error(`invalid metadata.${name} of type ${goTypeOf(value)} in converted object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === "string") continue;
    throw new Error(`metadata.${name}[${key}] must be a string, but is ${goTypeOf(text)} in converted object`);
  }
  return value as Record<string, string>;
}
