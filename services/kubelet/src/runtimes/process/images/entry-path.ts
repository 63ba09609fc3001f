import { CriError } from "@tskube/cri";

const whiteoutPrefix = ".wh.";
const opaqueMarker = ".wh..wh..opq";

/** What an entry of a layer tarball is about, by its name. */
export type LayerEntry =
  | { readonly kind: "root" }
  | { readonly kind: "item"; readonly path: string }
  /** `path` of lower layers is gone. */
  | { readonly kind: "whiteout"; readonly path: string }
  /** The directory `path` shows nothing of lower layers. */
  | { readonly kind: "opaque"; readonly path: string }
  | { readonly kind: "ignored" };

/** Reads the name of a layer's entry; names that lead out of the layer are refused. */
export function layerEntry(name: string): LayerEntry {
  const components = safeComponents(name);
  const base = components.at(-1);
  if (base === undefined) return { kind: "root" };
  const parent = `/${components.slice(0, -1).join("/")}`;
  if (base === opaqueMarker) return { kind: "opaque", path: parent };
  if (base.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) return { kind: "ignored" };
  if (!base.startsWith(whiteoutPrefix)) return { kind: "item", path: `/${components.join("/")}` };
  const hidden = base.slice(whiteoutPrefix.length);
  if (!hidden || hidden === "." || hidden === "..") throw unsafe(name);
  return { kind: "whiteout", path: `${parent === "/" ? "" : parent}/${hidden}` };
}

/** The components of a path inside an archive, without empty ones and dots. `..` has no business there. */
export function safeComponents(name: string): string[] {
  const components = name.split("/").filter((component) => component !== "" && component !== ".");
  if (components.includes("..") || name.includes("\0")) throw unsafe(name);
  return components;
}

const unsafe = (name: string) =>
  new CriError("INVALID_ARGUMENT", `archive entry ${JSON.stringify(name)} leads out of the archive`);
