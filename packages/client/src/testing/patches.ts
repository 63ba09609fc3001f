import type { KubeObject } from "@tskube/api";
import { schemaOf, typeNameOf } from "@tskube/api";
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, unsupportedMediaType } from "@tskube/apimachinery";
import { parse } from "yaml";
import type { ResourceInfo } from "../rest/resource.ts";

const applyType = "application/apply-patch+yaml";
const types = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  applyType,
];

/**
 * The object with the patch in it. An apply patch is merged like a strategic one: managers and conflicts are the real API server's
 * business and not imitated here.
 */
export function patched(info: ResourceInfo, old: KubeObject, contentType: string, body: string): unknown {
  switch (contentType.split(";")[0]) {
    case "application/json-patch+json":
      return applyJsonPatch(old, JSON.parse(body));
    case "application/merge-patch+json":
      return applyMergePatch(old, JSON.parse(body));
    case "application/strategic-merge-patch+json":
      return strategic(info, old, JSON.parse(body));
    case applyType:
      return strategic(info, old, parse(body));
    default:
      throw unsupportedMediaType(types);
  }
}

export function isApply(contentType: string): boolean {
  return contentType.startsWith(applyType);
}

/** Custom resources have no merge keys: theirs is a plain merge. */
function strategic(info: ResourceInfo, old: KubeObject, patch: unknown): unknown {
  const type = typeNameOf(info);
  return type === undefined ? applyMergePatch(old, patch) : applyStrategicMergePatch(schemaOf, type, old, patch);
}
