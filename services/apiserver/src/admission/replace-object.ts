import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@tskube/api";
import type { ShownWrite } from "./matching/shown-write.ts";

/** Makes `object` what `next` is; others hold on to the object itself. */
function replaceObject(object: KubeObject, next: KubeObject): void {
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) if (!Object.hasOwn(next, key)) delete target[key];
  Object.assign(target, next);
}

/**
 * Makes the written object what `changed` is, which is in the version that the write was shown in: read as from a client, with defaults, and brought
 * back. Resolves with whether it is another now; throws for what is no such object.
 */
export async function changeWrite({ attributes, version }: ShownWrite, changed: unknown): Promise<boolean> {
  const { object } = attributes;
  if (!object) return false;
  const next = await version.restore(version.read(changed));
  const isOther = !isDeepStrictEqual(asJson(object), asJson(next));
  if (isOther) replaceObject(object, next);
  return isOther;
}

function asJson(object: KubeObject): unknown {
  return JSON.parse(JSON.stringify(object));
}
