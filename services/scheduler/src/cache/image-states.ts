import type { Node } from "@tskube/api";
import type { ImageState } from "../framework/node-info.ts";

/** Which images are on which nodes. */
export class ImageStates {
  readonly #images = new Map<string, ImageState>();

  /** Records the images of a node; the result is the node's own view. */
  set(node: Node): ReadonlyMap<string, ImageState> {
    const nodeName = node.metadata.name;
    const own = new Map<string, ImageState>();
    for (const { names, sizeBytes = 0 } of node.status?.images ?? []) {
      for (const name of names ?? []) {
        let state = this.#images.get(name);
        if (!state) {
          state = { sizeBytes, nodes: new Set() };
          this.#images.set(name, state);
        }
        state.nodes.add(nodeName);
        own.set(name, state);
      }
    }
    return own;
  }

  /** Takes back what `set` said of the node, except for images in `kept`. */
  unset(nodeName: string, images: ReadonlyMap<string, ImageState>, kept?: ReadonlyMap<string, ImageState>): void {
    for (const [name, state] of images) {
      if (kept?.has(name)) continue;
      state.nodes.delete(nodeName);
      if (state.nodes.size === 0) this.#images.delete(name);
    }
  }
}
