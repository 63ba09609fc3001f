import type { KubeObject } from "@tskube/api";

/** Makes `object` what `next` is; others hold on to the object itself. */
export function replaceObject(object: KubeObject, next: KubeObject): void {
  const target = object as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) if (!Object.hasOwn(next, key)) delete target[key];
  Object.assign(target, next);
}
