import { existsSync } from "node:fs";
import { mkdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { CriError, type Device, type Mount, MountPropagation } from "@tskube/cri";
import { ensureMountPoint } from "../files/mount-point.ts";
import { resolvePath } from "../files/resolve.ts";
import { dirView, type FileView, layersView, type MountedTree, mountedView } from "../files/view.ts";
import { overlayOptions } from "../launch/fstab.ts";
import type { MountSpec } from "../launch/spec.ts";

/** A directory in which mount points below `target` can be made. */
interface WritableTree extends MountedTree {
  readonly upper: string;
}

/**
 * The mounts of one container, collected in order. Every target is resolved in the container's own files as they will be when it is mounted, so that no link of an image or a
 * volume can lead a mount out of the container.
 */
export class MountPlan {
  readonly specs: MountSpec[] = [];
  readonly #base: FileView;
  readonly #trees: WritableTree[];

  constructor(layers: readonly string[], upper: string) {
    this.#base = layersView([upper, ...layers]);
    this.#trees = [{ target: "", view: this.#base, upper }];
  }

  /** The container's files with everything mounted so far. */
  get view(): FileView {
    return mountedView(this.#base, this.#trees.slice(1));
  }

  /** Mounts something of the kernel's at a directory that must be a real one. */
  async addSystem(spec: MountSpec): Promise<void> {
    const { path } = await resolvePath(this.view, spec.target);
    if (path !== spec.target)
      throw new CriError("INVALID_ARGUMENT", `${spec.target} of the image is a link to ${path}`);
    await this.#makePoint(path, "dir");
    this.specs.push(spec);
  }

  /** /dev: an overlay, so that mount points and files can be made in it. */
  async addDev(lower: readonly string[], upper: string, work: string): Promise<void> {
    await mkdir(upper, { recursive: true });
    await this.addSystem({
      source: "overlay",
      target: "/dev",
      type: "overlay",
      options: overlayOptions(lower, upper, work),
    });
    this.#trees.push({ target: "/dev", view: layersView([upper, ...lower]), upper });
  }

  /** Mounts a file or directory of the node, already free of links. */
  async addBind(source: string, target: string, options: readonly string[]): Promise<void> {
    const isDir = (await stat(source)).isDirectory();
    const { path } = await resolvePath(this.view, target);
    if (path === "/")
      throw new CriError("INVALID_ARGUMENT", `nothing can be mounted at ${target}, the container's root`);
    await this.#makePoint(path, isDir ? "dir" : "file");
    this.specs.push({ source, target: path, type: "none", options: [isDir ? "rbind" : "bind", ...options] });
    if (isDir) this.#trees.push({ target: path, view: dirView(source), upper: source });
  }

  /** Mounts at a place that is there for sure: below /dev, or below a mount of the kernel's. */
  addOver(target: string, spec: Omit<MountSpec, "target">): void {
    this.specs.push({ ...spec, target });
  }

  async #makePoint(path: string, kind: "dir" | "file"): Promise<void> {
    const tree = this.#trees.findLast(({ target }) => path.startsWith(`${target}/`));
    if (!tree) return;
    await ensureMountPoint(tree.view, tree.upper, path.slice(tree.target.length), kind);
  }
}

/** Adds what the pod asks for, outer targets before inner ones. */
export async function addCriMounts(plan: MountPlan, mounts: readonly Mount[]): Promise<void> {
  const depth = ({ containerPath }: Mount) => containerPath.split("/").filter(Boolean).length;
  for (const mount of [...mounts].sort((a, b) => depth(a) - depth(b))) {
    const { hostPath, containerPath, readonly, propagation } = mount;
    if (mount.image) throw new CriError("UNIMPLEMENTED", "image volumes are not supported by the process runtime");
    const source = await sourceOf(hostPath);
    await plan.addBind(source, containerPath, [propagationOption(propagation), ...(readonly ? ["ro"] : [])]);
  }
}

/** A missing source becomes a directory, as CRI says. */
async function sourceOf(hostPath: string): Promise<string> {
  if (!existsSync(hostPath)) await mkdir(hostPath, { recursive: true });
  return realpath(hostPath);
}

function propagationOption(propagation: MountPropagation): string {
  if (propagation === MountPropagation.PROPAGATION_BIDIRECTIONAL) return "rshared";
  return propagation === MountPropagation.PROPAGATION_HOST_TO_CONTAINER ? "rslave" : "rprivate";
}

export async function addDevices(plan: MountPlan, devices: readonly Device[]): Promise<void> {
  for (const { hostPath, containerPath, permissions } of devices) {
    const isReadOnly = permissions !== "" && !permissions.includes("w");
    await plan.addBind(await realpath(hostPath), containerPath, isReadOnly ? ["ro"] : []);
  }
}

export interface SystemMountOptions {
  readonly dir: string;
  readonly deviceTemplate: string;
  readonly shm: string;
  readonly privileged: boolean;
  readonly cgroups: ReadonlyArray<{ readonly name: string; readonly dir: string }>;
}

/** /proc, /sys, /dev and what belongs below them. */
export async function addSystemMounts(plan: MountPlan, options: SystemMountOptions): Promise<void> {
  const { dir, deviceTemplate, shm, privileged, cgroups } = options;
  const inert = ["nosuid", "nodev", "noexec"];
  const access = privileged ? [] : ["ro"];
  await plan.addSystem({ source: "proc", target: "/proc", type: "proc", options: inert });
  await plan.addSystem({ source: "sysfs", target: "/sys", type: "sysfs", options: [...inert, ...access] });
  const below = (target: string, spec: Omit<MountSpec, "target">) => plan.addOver(target, spec);
  if (cgroups.some(({ name }) => name !== "")) {
    below("/sys/fs/cgroup", { source: "tmpfs", type: "tmpfs", options: [...inert, "mode=755", "size=64k"] });
  }
  for (const { name, dir: source } of cgroups) {
    const options = ["bind", ...inert, ...access, "x-mount.mkdir"];
    below(join("/sys/fs/cgroup", name), { source, type: "none", options });
  }
  await plan.addDev(
    privileged ? [deviceTemplate, "/dev"] : [deviceTemplate],
    join(dir, "dev-upper"),
    join(dir, "dev-work"),
  );
  const terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"];
  below("/dev/pts", { source: "devpts", type: "devpts", options: terminals });
  below("/dev/mqueue", { source: "mqueue", type: "mqueue", options: inert });
  below("/dev/shm", { source: shm, type: "none", options: ["bind"] });
}

export interface Protection {
  readonly masked: readonly string[];
  readonly readonly: readonly string[];
}

/** Hides `masked` and protects `readonly` paths, as far as this kernel has them. */
export async function addProtections(plan: MountPlan, root: string, protection: Protection): Promise<void> {
  for (const path of protection.masked.filter(isKernelPath)) {
    const isDir = (await stat(path)).isDirectory();
    const hide = isDir
      ? { source: "tmpfs", type: "tmpfs", options: ["ro", "size=4k"] }
      : { source: "/dev/null", type: "none", options: ["bind"] };
    plan.addOver(path, hide);
  }
  for (const path of protection.readonly.filter(isKernelPath)) {
    // From the container's own tree: the node's path is another instance of proc.
    plan.addOver(path, { source: join(root, path), type: "none", options: ["rbind", "ro"] });
  }
}

const isKernelPath = (path: string): boolean => /^\/(proc|sys)\//.test(path) && existsSync(path);
