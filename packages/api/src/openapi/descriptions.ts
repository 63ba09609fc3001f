import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TypeName } from "@tskube/apimachinery";

/** What the documentation says of types and, by name, of their fields; the type's own text stands under the empty name. */
export type Descriptions = Readonly<Record<TypeName, Readonly<Record<string, string>>>>;

/** A bundle has them beside it; programs that run from the working tree find those of the last build. */
const places = ["api-descriptions.json", "dist/api-descriptions.json"];

/**
 * Loads the descriptions that the build made, from beside `folder` or any folder above; none is nothing worse than an `explain` without
 * texts. Reads files: call it once.
 */
export function loadDescriptions(folder: string = import.meta.dirname): Descriptions {
  for (let at = folder; ; at = dirname(at)) {
    const found = places.map((place) => join(at, place)).find((path) => existsSync(path));
    if (found) return JSON.parse(readFileSync(found, "utf8")) as Descriptions;
    if (dirname(at) === at) return {};
  }
}

/** A field's text, by the name that documentation tools make of `x-kubernetes-map-type` and `$ref`. */
export function fieldDescription(descriptions: Descriptions, type: TypeName, field: string): string | undefined {
  const texts = descriptions[type];
  return texts?.[field] ?? texts?.[field.replace(/^\$/, "").replaceAll("-", "_")];
}
