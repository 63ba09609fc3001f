import { chmod, chown, mkdir } from "node:fs/promises";
import { parseQuantity, quantityValue } from "@tskube/apimachinery";
import type { VolumePlugin } from "./plugin.ts";

/** A directory that lives as long as its pod, on the node's disk or in memory. */
export const emptyDir: VolumePlugin = {
  name: "kubernetes.io/empty-dir",
  followsApi: false,
  // A volume without any source is an empty directory too; the API server writes that in, static pods may leave it out.
  supports: (volume) => volume.emptyDir !== undefined || Object.keys(volume).every((key) => key === "name"),
  async setUp({ volume, dir, mounter, pod }) {
    const { medium = "", sizeLimit } = volume.emptyDir ?? {};
    if (medium !== "" && medium !== "Memory") throw new Error(`unknown storage medium ${JSON.stringify(medium)}`);
    await mkdir(dir, { recursive: true, mode: 0o777 });
    if (medium === "Memory") {
      const sizeBytes = sizeLimit === undefined ? undefined : quantityValue(parseQuantity(sizeLimit));
      await mounter.mountTmpfs(dir, { sizeBytes, mode: 0o777 });
    }
    const gid = pod.spec.securityContext?.fsGroup;
    if (gid !== undefined) await chown(dir, process.getuid?.() ?? 0, gid);
    await chmod(dir, gid === undefined ? 0o777 : 0o2777);
    return dir;
  },
};
