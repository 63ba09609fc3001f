import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Container, Pod, VolumeMount } from "@tskube/api";
import { Mount, MountPropagation } from "@tskube/cri";
import type { Environment } from "../env/environment.ts";
import { expand, unresolvedNames } from "../env/expansion.ts";
import type { Paths } from "../node/paths.ts";
import { uidOf } from "../pods/identity.ts";
import type { Mounter } from "./mounter.ts";
import { bindSubPath, checkSubPath } from "./sub-path.ts";
import type { MountedVolume } from "./volume-manager.ts";

export interface MountInputs {
  readonly pod: Pod;
  readonly container: Container;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly environment: Environment;
  readonly paths: Paths;
  readonly mounter: Mounter;
  /** The kubelet's /etc/hosts for the pod; absent when the container brings its own. */
  readonly hostsFile: string | undefined;
  /** Names this instance's termination message file. */
  readonly instance: string;
}

/** The mounts of one container: its volumes, /etc/hosts, and the file for its last words. Failures are configuration errors. */
export async function containerMounts(inputs: MountInputs): Promise<Mount[]> {
  const { container, hostsFile } = inputs;
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries())
    mounts.push(await volumeMount(inputs, mount, index));
  if (hostsFile && !mounts.some(({ containerPath }) => containerPath === "/etc/hosts")) {
    mounts.push(Mount.fromPartial({ containerPath: "/etc/hosts", hostPath: hostsFile }));
  }
  const messagePath = container.terminationMessagePath;
  if (messagePath) {
    mounts.push(Mount.fromPartial({ containerPath: messagePath, hostPath: await messageFile(inputs) }));
  }
  return mounts;
}

async function volumeMount(inputs: MountInputs, mount: VolumeMount, index: number): Promise<Mount> {
  const volume = inputs.volumes.get(mount.name);
  if (!volume)
    throw new Error(
      `cannot find volume ${JSON.stringify(mount.name)} to mount into container ${JSON.stringify(inputs.container.name)}`,
    );
  const subPath = mount.subPathExpr ? expandedSubPath(mount.subPathExpr, inputs.environment) : (mount.subPath ?? "");
  const path = mount.mountPath.startsWith("/") ? mount.mountPath : `/${mount.mountPath}`;
  return Mount.fromPartial({
    containerPath: path,
    hostPath: subPath ? await subPathSource(inputs, mount.name, volume.path, subPath, index) : volume.path,
    readonly: mount.readOnly === true || volume.isReadOnly,
    propagation: propagation(mount.mountPropagation),
  });
}

function expandedSubPath(expression: string, environment: Environment): string {
  const lookup = (name: string) => environment.get(name);
  const missing = unresolvedNames(expression, lookup);
  if (missing.length > 0) throw new Error(`missing value for ${JSON.stringify(missing[0])}`);
  const subPath = expand(expression, lookup);
  checkSubPath(subPath);
  return subPath;
}

async function subPathSource(
  inputs: MountInputs,
  volumeName: string,
  volumePath: string,
  subPath: string,
  index: number,
): Promise<string> {
  const target = join(inputs.paths.subPathDir(uidOf(inputs.pod), volumeName, inputs.container.name), String(index));
  try {
    return await bindSubPath(inputs.mounter, volumePath, subPath, target);
  } catch (error) {
    throw new Error(
      `failed to prepare subPath for volumeMount ${JSON.stringify(volumeName)} of container ${JSON.stringify(inputs.container.name)}`,
      {
        cause: error,
      },
    );
  }
}

function propagation(mode: string | undefined) {
  switch (mode) {
    case "HostToContainer":
      return MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
    case "Bidirectional":
      return MountPropagation.PROPAGATION_BIDIRECTIONAL;
    default:
      return MountPropagation.PROPAGATION_PRIVATE;
  }
}

/** An empty file that any user of the container may write. */
async function messageFile({ paths, pod, container, instance }: MountInputs): Promise<string> {
  const dir = paths.containerDir(uidOf(pod), container.name);
  await mkdir(dir, { recursive: true, mode: 0o750 });
  const path = join(dir, instance);
  await writeFile(path, "", { mode: 0o666 });
  await chmod(path, 0o666);
  return path;
}
