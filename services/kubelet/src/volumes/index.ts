import type { Clock } from "@tskube/base";
import { createDataPlugins } from "./data-volumes.ts";
import { emptyDir } from "./empty-dir.ts";
import { hostPath } from "./host-path.ts";
import type { VolumePlugin } from "./plugin.ts";

/** Every kind of volume that this kubelet can set up. The first that supports a volume gets it; the empty directory, which takes volumes without a source, is last. */
export function volumePlugins(clock: Clock): readonly VolumePlugin[] {
  return [hostPath, ...createDataPlugins(clock), emptyDir];
}
