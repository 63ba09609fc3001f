import { deepEqual } from "@tskube/apimachinery";
import { isMap, type JsonMap } from "../schema/structure.ts";

export interface ConversionReview {
  readonly apiVersion: string;
  readonly kind: "ConversionReview";
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonMap[] };
}

/** The question that a webhook is asked. */
export function reviewOf(objects: readonly JsonMap[], desiredAPIVersion: string, version: string): ConversionReview {
  const request = { uid: crypto.randomUUID(), desiredAPIVersion, objects };
  return { apiVersion: `apiextensions.k8s.io/${version}`, kind: "ConversionReview", request };
}

/** The converted objects of an answer. Throws when it is none to that question, or changes what conversion may not. */
export function readReview(answer: unknown, uid: string, asked: readonly JsonMap[]): readonly JsonMap[] {
  const response = isMap(answer) && isMap(answer["response"]) ? answer["response"] : undefined;
  if (!response) throw new Error("webhook response had no response");
  if (response["uid"] !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"])}`);
  const result = isMap(response["result"]) ? response["result"] : {};
  if (result["status"] !== "Success") throw new Error(String(result["message"] || "unknown error"));
  const objects = response["convertedObjects"];
  if (!Array.isArray(objects) || objects.length !== asked.length) {
    throw new Error(
      `webhook returned ${Array.isArray(objects) ? objects.length : 0} objects, expected ${asked.length}`,
    );
  }
  return objects.map((object: unknown, index) => restored(object, asked[index] ?? {}, index));
}

/** Of the metadata, labels and annotations alone may change. */
function restored(object: unknown, before: JsonMap, index: number): JsonMap {
  if (!isMap(object) || !isMap(object["metadata"])) throw new Error(`invalid converted object at index ${index}`);
  const [now, old] = [object["metadata"], before["metadata"] as JsonMap];
  for (const name of ["name", "namespace", "uid"]) {
    if (!deepEqual(now[name], old[name])) throw new Error(`must have the same ${name}: ${now[name]} != ${old[name]}`);
  }
  const { labels, annotations } = now;
  const { labels: _labels, annotations: _annotations, ...kept } = old;
  return { ...object, metadata: { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) } };
}
