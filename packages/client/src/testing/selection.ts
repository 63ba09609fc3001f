import type { KubeObject } from "@tskube/api";
import { badRequest, parseFieldSelector, parseLabelSelector } from "@tskube/apimachinery";

/** Whether an object is among those a request asks for. */
export type Selects = (object: KubeObject) => boolean;

/** The selectors of a query; any path to a scalar is a selectable field here. */
export function selectionOf(query: URLSearchParams, namespace: string): Selects {
  const { labels, fields } = parse(query);
  return (object) => {
    if (namespace !== "" && object.metadata.namespace !== namespace) return false;
    return labels.matches(object.metadata.labels) && fields.matches((field) => readField(object, field));
  };
}

function parse(query: URLSearchParams) {
  try {
    return {
      labels: parseLabelSelector(query.get("labelSelector") ?? ""),
      fields: parseFieldSelector(query.get("fieldSelector") ?? ""),
    };
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

function readField(object: KubeObject, path: string): string | undefined {
  let value: unknown = object;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value === undefined || value === null ? undefined : String(value);
}
