import { accessSync, constants } from "node:fs";
import { type Cgroups, noCgroups } from "./cgroups.ts";
import { cgroupsV1 } from "./v1.ts";
import { cgroupsV2 } from "./v2.ts";

/** The cgroups of this node by its mounts (the text of /proc/mounts); none where we may not write. */
export function detectCgroups(mounts: string, prefix: string): Cgroups {
  const v1 = new Map<string, string>();
  let v2: { path: string; isMain: boolean } | undefined;
  for (const line of mounts.split("\n")) {
    const [, path = "", type, options = ""] = line.split(" ");
    if (type === "cgroup") for (const option of options.split(",")) v1.set(option, path);
    if (type === "cgroup2") v2 = { path, isMain: path === "/sys/fs/cgroup" };
  }
  if (v2 && (v2.isMain || !v1.has("memory")) && isWritable(v2.path)) return cgroupsV2(v2.path, prefix);
  const memory = v1.get("memory");
  return memory && isWritable(memory) ? cgroupsV1(v1, prefix) : noCgroups;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
