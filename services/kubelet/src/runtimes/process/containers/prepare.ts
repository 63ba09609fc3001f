import { join } from "node:path";
import type { ContainerConfig, PodSandboxConfig } from "@tskube/cri";
import { ensureMountPoint } from "../files/mount-point.ts";
import { resolvePath } from "../files/resolve.ts";
import type { StoredImage } from "../images/image.ts";
import { capabilitiesOf } from "../launch/capabilities.ts";
import type { LaunchSpec, NamespacePaths, ProcessSpec } from "../launch/spec.ts";
import { findExecutable } from "./executable.ts";
import { addCriMounts, addDevices, addProtections, addSystemMounts, MountPlan } from "./mounts.ts";
import { streamModes } from "./record.ts";
import { type ContainerUser, resolveUser } from "./user.ts";

/** Files of a pod that its containers get unless they bring their own. */
export interface PodFiles {
  readonly hostname: string | undefined;
  readonly resolvConf: string;
  readonly hosts: string;
  readonly shm: string;
}

export interface PrepareRequest {
  readonly dir: string;
  readonly config: ContainerConfig;
  readonly sandboxConfig: PodSandboxConfig;
  readonly image: StoredImage;
  readonly files: PodFiles;
  readonly namespaces: NamespacePaths;
  readonly ownPidNamespace: boolean;
  readonly cgroupDirs: readonly string[];
  readonly visibleCgroups: ReadonlyArray<{ readonly name: string; readonly dir: string }>;
  readonly deviceTemplate: string;
  readonly availableCapabilities: readonly string[];
}

export interface PreparedContainer {
  readonly launch: LaunchSpec;
  /** Why the program cannot be run; empty when nothing speaks against it. */
  readonly startError: string;
}

/** Turns what CRI asks for into what is launched. Writes nothing but mount points into the container's own layer. */
export async function prepareContainer(request: PrepareRequest): Promise<PreparedContainer> {
  const { dir, config, image } = request;
  const plan = await planMounts(request);
  const user = await resolveUser(plan.view, image.config.User ?? "", config.linux?.securityContext);
  const env = environmentOf(request, user);
  const cwd = await workingDirectory(plan, dir, config.workingDir || image.config.WorkingDir || "/");
  const { args, startError } = await programOf(plan, config, image, env, cwd);
  const process = { ...privilegesOf(request, user), args, env, cwd };
  return { launch: launchSpec(request, plan, process), startError };
}

async function planMounts(request: PrepareRequest): Promise<MountPlan> {
  const { dir, config, image, files, deviceTemplate, visibleCgroups } = request;
  const security = config.linux?.securityContext;
  const privileged = security?.privileged ?? false;
  const plan = new MountPlan(image.layers, join(dir, "upper"));
  await addSystemMounts(plan, { dir, deviceTemplate, shm: files.shm, privileged, cgroups: visibleCgroups });
  const own = [
    [files.resolvConf, "/etc/resolv.conf"],
    [files.hostname, "/etc/hostname"],
    [files.hosts, "/etc/hosts"],
  ] as const;
  for (const [source, target] of own) {
    const isGiven = config.mounts.some(({ containerPath }) => containerPath === target);
    if (source && !isGiven) await plan.addBind(source, target, []);
  }
  await addDevices(plan, config.devices);
  await addCriMounts(plan, config.mounts);
  if (!privileged) {
    const protection = { masked: security?.maskedPaths ?? [], readonly: security?.readonlyPaths ?? [] };
    await addProtections(plan, join(dir, "root"), protection);
  }
  return plan;
}

function environmentOf({ config, sandboxConfig, image }: PrepareRequest, user: ContainerUser): string[] {
  const env = new Map<string, string>([["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]]);
  if (sandboxConfig.hostname) env.set("HOSTNAME", sandboxConfig.hostname);
  if (config.tty) env.set("TERM", "xterm");
  for (const pair of image.config.Env ?? []) {
    const at = pair.indexOf("=");
    if (at > 0) env.set(pair.slice(0, at), pair.slice(at + 1));
  }
  for (const { key, value } of config.envs) env.set(key, value.toString("utf8"));
  if (!env.get("HOME")) env.set("HOME", user.home);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

/** Made if it is missing, as other runtimes do. A link into /proc could name a directory of the node, in the moment before the program runs. */
async function workingDirectory(plan: MountPlan, dir: string, asked: string): Promise<string> {
  const { path } = await resolvePath(plan.view, asked);
  if (path === "/proc" || path.startsWith("/proc/")) return "/";
  if (path !== "/") await ensureMountPoint(plan.view, join(dir, "upper"), path, "dir");
  return path;
}

async function programOf(
  plan: MountPlan,
  config: ContainerConfig,
  image: StoredImage,
  env: readonly string[],
  cwd: string,
) {
  const entrypoint = config.command.length > 0 ? config.command : (image.config.Entrypoint ?? []);
  // The image's own arguments belong to its own entrypoint only.
  const defaults = config.command.length > 0 ? [] : (image.config.Cmd ?? []);
  const [name, ...rest] = [...entrypoint, ...(config.args.length > 0 ? config.args : defaults)];
  if (name === undefined) return { args: [], startError: "no command specified" };
  const found = await findExecutable(plan.view, name, env, cwd);
  return { args: [name, ...rest], startError: "error" in found ? found.error : "" };
}

function privilegesOf(
  { config, availableCapabilities }: PrepareRequest,
  user: ContainerUser,
): Omit<ProcessSpec, "args" | "env" | "cwd"> {
  const security = config.linux?.securityContext;
  const change = {
    add: security?.capabilities?.addCapabilities ?? [],
    drop: security?.capabilities?.dropCapabilities ?? [],
  };
  return {
    uid: user.uid,
    gid: user.gid,
    groups: user.groups,
    capabilities: security?.privileged ? undefined : capabilitiesOf(change, availableCapabilities),
    noNewPrivileges: security?.noNewPrivs ?? false,
    tty: config.tty,
  };
}

function launchSpec(request: PrepareRequest, plan: MountPlan, process: ProcessSpec): LaunchSpec {
  const { dir, config, image, namespaces, cgroupDirs } = request;
  const { linux } = config;
  return {
    dir,
    process,
    layers: image.layers,
    readonlyRoot: linux?.securityContext?.readonlyRootfs ?? false,
    mounts: plan.specs,
    namespaces,
    ownPidNamespace: request.ownPidNamespace,
    cgroupDirs,
    oomScoreAdj: Number(linux?.resources?.oomScoreAdj ?? 0n),
    ...streamModes(config),
  };
}
