import { join } from "node:path";
import type { Clock } from "@tskube/base";
import {
  type ContainerConfig,
  failedPrecondition,
  NamespaceMode,
  newId,
  notFound,
  nowNanos,
  type PodSandboxConfig,
} from "@tskube/cri";
import type { Cgroups } from "../cgroups/cgroups.ts";
import type { Containers } from "../containers/containers.ts";
import { prepareContainer } from "../containers/prepare.ts";
import type { ContainerRecord } from "../containers/record.ts";
import { stopSignalOf } from "../containers/signals.ts";
import type { StoredImage } from "../images/image.ts";
import type { NamespacePaths } from "../launch/spec.ts";
import { cgroupParent, namespaceOptions, type SandboxRecord, sandboxFiles } from "../sandboxes/record.ts";
import type { Sandboxes } from "../sandboxes/sandboxes.ts";

export interface CreateContainerDeps {
  readonly sandboxes: Sandboxes;
  readonly containers: Containers;
  readonly cgroups: Cgroups;
  readonly clock: Clock;
  readonly deviceTemplate: string;
  readonly availableCapabilities: readonly string[];
  findImage(nameOrId: string): StoredImage | undefined;
}

/** Creates a container in a sandbox: everything is decided and written here, starting it is one act. */
export async function createContainer(
  deps: CreateContainerDeps,
  sandboxId: string,
  config: ContainerConfig,
  sandboxConfig: PodSandboxConfig,
): Promise<string> {
  const { sandboxes, containers, cgroups, clock } = deps;
  const { record: sandbox, isReady } = sandboxes.get(sandboxId);
  if (!isReady) throw failedPrecondition(`failed to get sandbox container task: sandbox ${sandboxId} is not ready`);
  const image = deps.findImage(config.image?.image ?? "");
  if (!image) throw notFound(`failed to resolve image "${config.image?.image}"`);
  const id = newId();
  const dir = await containers.makeDir(id);
  const cgroup = join(cgroupParent(sandbox.config), id);
  try {
    const cgroupDirs = await cgroups.create(cgroup, config.linux?.resources);
    const { launch, startError } = await prepareContainer({
      dir,
      config,
      sandboxConfig,
      image,
      files: podFiles(sandboxes, sandbox),
      ...namespacesOf(deps, sandbox, config),
      cgroupDirs,
      visibleCgroups: cgroups.visible(cgroup),
      deviceTemplate: deps.deviceTemplate,
      availableCapabilities: deps.availableCapabilities,
    });
    const record: ContainerRecord = {
      id,
      sandboxId: sandbox.id,
      config,
      imageId: image.id,
      createdAt: nowNanos(clock),
      logPath: logPathOf(sandbox, config),
      process: launch.process,
      cgroup,
      stopSignal: stopSignalOf(config.stopSignal, image.config.StopSignal),
      startError,
      run: { state: "created" },
    };
    await containers.add(record, launch);
    return id;
  } catch (error) {
    await cgroups.remove(cgroup);
    await containers.discardDir(id);
    throw error;
  }
}

function podFiles(sandboxes: Sandboxes, { id, config }: SandboxRecord) {
  const files = sandboxFiles(sandboxes.dirOf(id));
  return {
    hostname: config.hostname ? files.hostname : undefined,
    resolvConf: files.resolvConf,
    hosts: files.hosts,
    shm: sandboxes.shmDir(id, config),
  };
}

/** The namespaces a container joins: its own wishes count for the pid namespace, which alone may differ within a pod. */
function namespacesOf({ sandboxes, containers }: CreateContainerDeps, sandbox: SandboxRecord, config: ContainerConfig) {
  const { pid: podPid, ...shared } = sandboxes.namespaces(sandbox);
  const { pid, targetId } = config.linux?.securityContext?.namespaceOptions ?? namespaceOptions(sandbox.config);
  const joined: NamespacePaths =
    pid === NamespaceMode.TARGET
      ? { ...shared, pid: pidNamespaceOf(containers, targetId) }
      : { ...shared, ...(pid === NamespaceMode.POD && podPid && { pid: podPid }) };
  return { namespaces: joined, ownPidNamespace: joined.pid === undefined && pid !== NamespaceMode.NODE };
}

function pidNamespaceOf(containers: Containers, targetId: string): string {
  const { run } = containers.running(targetId);
  if (run.state !== "running" || !run.init) throw failedPrecondition(`target container ${targetId} is not running`);
  return `/proc/${run.init.pid}/ns/pid`;
}

function logPathOf({ config: { logDirectory } }: SandboxRecord, { logPath }: ContainerConfig): string {
  return logDirectory && logPath ? join(logDirectory, logPath) : "";
}
