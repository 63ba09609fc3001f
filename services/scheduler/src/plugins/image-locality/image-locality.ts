import type { Pod } from "@tskube/api";
import { stateKey } from "../../framework/cycle-state.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { maxNodeScore } from "../../framework/points.ts";

interface WantedImages {
  readonly names: readonly string[];
  readonly containers: number;
  readonly nodeCount: number;
}

const mebibyte = 1024 * 1024;
/** Less than this is pulled in no time. */
const minBytes = 23 * mebibyte;
/** More than this, per container, makes no further difference. */
const maxBytesPerContainer = 1000 * mebibyte;

const wantedKey = stateKey<WantedImages>("ImageLocality");

/** Prefers nodes that have the pod's images; images that few nodes have count less, so that pods do not crowd there. */
export const imageLocality: PluginDefinition = {
  name: "ImageLocality",
  create: () => ({
    name: "ImageLocality",
    preScore(state, { pod }, _nodes, snapshot) {
      state.write(wantedKey, { ...imagesOf(pod), nodeCount: snapshot.nodes.length });
      return undefined;
    },
    score(state, _pod, { images }) {
      const wanted = state.read(wantedKey);
      if (!wanted || images.size === 0) return 0;
      let bytes = 0;
      for (const name of wanted.names) {
        const image = images.get(name);
        if (image) bytes += Math.trunc(image.sizeBytes * (image.nodes.size / wanted.nodeCount));
      }
      const maxBytes = maxBytesPerContainer * wanted.containers;
      const within = Math.min(Math.max(bytes, minBytes), maxBytes);
      return Math.floor((maxNodeScore * (within - minBytes)) / (maxBytes - minBytes));
    },
  }),
};

function imagesOf({ spec }: Pod): { readonly names: string[]; readonly containers: number } {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const volumes = (spec?.volumes ?? []).flatMap(({ image }) => (image?.reference ? [image.reference] : []));
  const written = [...containers.flatMap(({ image }) => (image ? [image] : [])), ...volumes];
  return { names: written.map(withTag), containers: containers.length + volumes.length };
}

/** Nodes report images with their tag. */
export function withTag(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}
