import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Where the runtime keeps what, all below its root. */
export interface Layout {
  readonly root: string;
  readonly sandboxes: string;
  readonly containers: string;
  readonly images: string;
  readonly layers: string;
  readonly toolbox: string;
  readonly scripts: string;
  readonly ipam: string;
  /** Unfinished downloads and imports; emptied at start. */
  readonly scratch: string;
}

export function layoutAt(root: string): Layout {
  const below = (name: string) => join(root, name);
  return {
    root,
    sandboxes: below("sandboxes"),
    containers: below("containers"),
    images: below("images"),
    layers: below("layers"),
    toolbox: below("toolbox"),
    scripts: below("scripts"),
    ipam: below("ipam"),
    scratch: below("scratch"),
  };
}

export async function createLayout(layout: Layout): Promise<void> {
  await mkdir(layout.root, { recursive: true, mode: 0o711 });
  const { root: _root, ...dirs } = layout;
  await Promise.all(Object.values(dirs).map((dir) => mkdir(dir, { recursive: true, mode: 0o700 })));
}
