import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { overlayOptions } from "../launch/fstab.ts";
import type { LaunchSpec, MountSpec } from "../launch/spec.ts";
import { hostRootMounts } from "./host-root.ts";
import { type KnownMount, lockedFlags, parseMountInfo } from "./mount-flags.ts";

const deviceNames = ["null", "zero", "full", "random", "urandom", "tty"];

/** All mounts of a container, as far as a user namespace may make them, its root first. */
export async function rootlessMounts(spec: LaunchSpec): Promise<MountSpec[]> {
  const known = parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
  const roots = spec.layers.includes("/")
    ? await hostRootMounts(spec.dir, spec.readonlyRoot, known)
    : [layeredRoot(spec)];
  return [...roots, ...spec.mounts.flatMap((mount) => withinRights(mount, spec, known))];
}

function layeredRoot({ dir, layers, readonlyRoot }: LaunchSpec): MountSpec {
  const options = overlayOptions(layers, join(dir, "upper"), join(dir, "work"));
  const access = readonlyRoot ? ["ro"] : [];
  return { source: "overlay", target: "/", type: "overlay", options: [...options, "userxattr", "nodev", ...access] };
}

/** A mount as it can be had: file systems of a namespace that is not the pod's own are the node's, device files are those of the node. */
function withinRights(mount: MountSpec, spec: LaunchSpec, known: readonly KnownMount[]): MountSpec[] {
  const { namespaces, ownPidNamespace } = spec;
  switch (mount.type) {
    case "proc":
      return [ownPidNamespace || namespaces.pid ? mount : nodesOwn(mount)];
    case "sysfs":
      return [namespaces.net ? mount : nodesOwn(mount)];
    case "mqueue":
      return namespaces.ipc ? [mount] : [];
    case "devpts":
      return [{ ...mount, options: mount.options.filter((option) => !option.startsWith("gid=")) }];
    case "overlay":
      return [{ ...mount, options: [...mount.options, "userxattr"] }, ...deviceNames.map(device)];
    case "none":
      return [keepingLocks(mount, known)];
    default:
      return [mount];
  }
}

const nodesOwn = ({ target }: MountSpec): MountSpec => ({
  source: target,
  target,
  type: "none",
  options: ["rbind"],
});

const device = (name: string): MountSpec => ({
  source: `/dev/${name}`,
  target: `/dev/${name}`,
  type: "none",
  options: ["bind"],
});

/** Making a bind mount read-only sets its other flags too, and those the node's administrator has set must stay. */
function keepingLocks(mount: MountSpec, known: readonly KnownMount[]): MountSpec {
  if (!mount.options.includes("ro")) return mount;
  const flags = lockedFlags(mount.source, known).filter((flag) => !mount.options.includes(flag));
  return { ...mount, options: [...mount.options, ...flags] };
}
