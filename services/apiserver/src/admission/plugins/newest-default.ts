import type { KubeObject } from "@tskube/api";

/** Of the classes annotated as default the newest, so that marking another one takes effect before the old one is unmarked. */
export function newestDefault<T extends KubeObject>(
  classes: readonly T[],
  ...annotations: readonly string[]
): T | undefined {
  const defaults = classes.filter((one) => annotations.some((name) => one.metadata.annotations?.[name] === "true"));
  return defaults.sort(newestFirst)[0];
}

function newestFirst(a: KubeObject, b: KubeObject): number {
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (createdA !== createdB) return createdA > createdB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
