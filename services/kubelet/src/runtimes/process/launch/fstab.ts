import { join } from "node:path";
import { CriError } from "@tskube/cri";
import type { LaunchSpec, MountSpec } from "./spec.ts";

/** The kernel reads mount options from one page. */
const maxOptionBytes = 4_000;

/** The mounts of a container as a file for `mount --all`, which makes them all in one process: the root first, then in order. */
export function containerFstab(spec: LaunchSpec): string {
  return mountTable(spec.dir, [rootMount(spec), ...spec.mounts]);
}

/** Mounts below a container's root as a file for `mount --all`. */
export function mountTable(dir: string, mounts: readonly MountSpec[]): string {
  const root = join(dir, "root");
  return mounts.map((mount) => `${fstabLine({ ...mount, target: targetIn(root, mount.target) })}\n`).join("");
}

const targetIn = (root: string, target: string): string => (target === "/" ? root : join(root, target));

/** `nodev`: a device file that a container makes, or an image brings, opens nothing. Devices stand in /dev, a mount of its own. */
function rootMount({ dir, layers, readonlyRoot }: LaunchSpec): MountSpec {
  const options = overlayOptions(layers, join(dir, "upper"), join(dir, "work"));
  return {
    source: "overlay",
    target: "/",
    type: "overlay",
    options: [...options, "nodev", ...(readonlyRoot ? ["ro"] : [])],
  };
}

/** Options of an overlay mount; paths must be free of the characters that separate them. */
export function overlayOptions(layers: readonly string[], upper: string, work: string): string[] {
  for (const path of [...layers, upper]) {
    if (/[:,\\]/.test(path)) throw new CriError("INVALID_ARGUMENT", `path ${path} cannot be part of an overlay mount`);
  }
  const options = [`lowerdir=${layers.join(":")}`, `upperdir=${upper}`, `workdir=${work}`];
  if (options.join(",").length > maxOptionBytes) {
    throw new CriError("RESOURCE_EXHAUSTED", `the image has too many layers (${layers.length}) to mount`);
  }
  return options;
}

function fstabLine({ source, target, type, options }: MountSpec): string {
  return [source, target, type, options.join(",") || "defaults"].map(fstabField).concat("0", "0").join(" ");
}

/** Fields end at white space, which is written in octal. */
function fstabField(text: string): string {
  return text.replace(/[\\ \t\n#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
