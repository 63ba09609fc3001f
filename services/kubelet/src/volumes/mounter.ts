import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Mounts of the node, made by the kubelet for its volumes. */
export interface Mounter {
  /** An empty file system in memory over `dir`. Does nothing if one is mounted there. */
  mountTmpfs(dir: string, options: { readonly sizeBytes?: number | undefined; readonly mode: number }): Promise<void>;
  /** Shows `source` (a file or directory) at `target`, which exists. */
  bind(source: string, target: string): Promise<void>;
  /** Unmounts whatever is mounted at or below `dir`, deepest first. */
  unmountTree(dir: string): Promise<void>;
  isMounted(dir: string): Promise<boolean>;
}

const run = promisify(execFile);
const timeout = 30_000;

/** Mounts by the system's `mount` and `umount`, as Node has no call for it. Needs privilege. */
export const systemMounter: Mounter = {
  async mountTmpfs(dir, { sizeBytes, mode }) {
    if (await this.isMounted(dir)) return;
    const options = [`mode=${mode.toString(8)}`, ...(sizeBytes ? [`size=${sizeBytes}`] : [])].join(",");
    await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", dir], { timeout });
  },
  async bind(source, target) {
    await run("mount", ["--no-canonicalize", "--bind", source, target], { timeout });
  },
  async unmountTree(dir) {
    const points = (await mountPoints()).filter((point) => point === dir || point.startsWith(`${dir}/`));
    // One umount for all: the list is in the order of mounting, so the reverse frees the deepest first.
    if (points.length > 0) await run("umount", ["--no-canonicalize", ...points.reverse()], { timeout });
  },
  async isMounted(dir) {
    return (await mountPoints()).includes(dir);
  },
};

/** For kubelets without privilege: memory-backed volumes live on disk, and nothing can be bound. */
export const unprivilegedMounter: Mounter = {
  mountTmpfs: async () => {},
  bind: async () => {
    throw new Error("bind mounts need privileges that this kubelet does not have");
  },
  unmountTree: async () => {},
  isMounted: async () => false,
};

async function mountPoints(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.split("\n").flatMap((line) => {
    const point = line.split(" ")[4];
    return point ? [decodeMountPath(point)] : [];
  });
}

/** The kernel writes blanks and backslashes of paths as octal. */
function decodeMountPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
