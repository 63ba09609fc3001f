import type { KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import { autoUpdateAnnotation } from "./builders.ts";

type WithSpec = KubeObject & { readonly spec: unknown };

/**
 * How a present object has to change to be what the server wants, or undefined if it is. Suggested objects belong to the operator once they
 * say so; one that says nothing is taken for the operator's if it was ever changed. What is mandatory stays as it is.
 */
export function planObject<T extends WithSpec>(present: T, wanted: T, isMandatory: boolean): T | undefined {
  const keepsUp = isMandatory || mayUpdate(present);
  const annotations = { ...present.metadata.annotations, [autoUpdateAnnotation]: String(keepsUp) };
  const spec = keepsUp ? specOf(present, wanted) : present.spec;
  const isSame =
    present.metadata.annotations?.[autoUpdateAnnotation] === annotations[autoUpdateAnnotation] &&
    deepEqual(present.spec, spec);
  return isSame ? undefined : { ...present, metadata: { ...present.metadata, annotations }, spec };
}

/** Whether the object is one of the server's that it does not want any more. */
export function isObsolete(present: KubeObject, wantedNames: ReadonlySet<string>): boolean {
  return !wantedNames.has(present.metadata.name) && present.metadata.annotations?.[autoUpdateAnnotation] === "true";
}

function mayUpdate({ metadata }: KubeObject): boolean {
  const annotation = metadata.annotations?.[autoUpdateAnnotation];
  return annotation === undefined ? metadata.generation === 1 : annotation === "true";
}

/** The exempt level's shares are the operator's to choose. */
function specOf<T extends WithSpec>(present: T, wanted: T): T["spec"] {
  const { type, exempt } = present.spec as { readonly type?: string; readonly exempt?: object };
  if (type === "Exempt" && exempt) return { ...(wanted.spec as object), exempt };
  return wanted.spec;
}
