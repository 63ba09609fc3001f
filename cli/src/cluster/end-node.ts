import { rmSync } from "node:fs";
import { type Clock, sleep } from "@tskube/base";
import { namespaceInode, namespacePath } from "../network/apply.ts";
import { processesInCgroup, removeCgroup } from "../system/cgroups.ts";
import { mountsBelow, unmountBelow } from "../system/mounts.ts";
import {
  commandLineOf,
  processesInNetworkNamespace,
  processesWithEnvironment,
  signalProcess,
  withDescendants,
} from "../system/processes.ts";
import { type ClusterConfig, namespaceOf, prefixOf } from "./cluster-config.ts";
import type { ClusterPaths } from "./paths.ts";

/** Set in the environment of every process of a cluster, so that each can be found after a crash of whoever started it. */
export const clusterVariable = "TSKUBE_CLUSTER";
/** Set besides in those of a node, to `CLUSTER-ROOT:NODE`. */
export const nodeVariable = "TSKUBE_NODE";

/** The cgroup that holds a node's processes and containers. */
export function nodeCgroup(config: Pick<ClusterConfig, "name">, node: string): string {
  return `${clusterCgroup(config)}/${node}`;
}

/**
 * The cgroup of a node's own programs, beside those of its pods: cgroup v2 wants processes in leaves only.
 */
export function programCgroup(config: Pick<ClusterConfig, "name">, node: string): string {
  return `${nodeCgroup(config, node)}/system`;
}

export function clusterCgroup(config: Pick<ClusterConfig, "name">): string {
  return prefixOf(config.name);
}

/** Processes of a cluster that were started as `argv` and still run: those of a supervisor that was killed. */
export function leftoverPrograms(paths: ClusterPaths, programs: readonly (readonly string[])[]): Set<number> {
  const commandLines = new Set(programs.map((argv) => argv.join("\0")));
  return new Set(
    processesWithEnvironment(clusterVariable, paths.root).filter((pid) => commandLines.has(commandLineOf(pid))),
  );
}

/** Every process that belongs to a node: what we started, what lives in its network, and its containers. */
export function processesOfNode(config: ClusterConfig, paths: ClusterPaths, node: string): Set<number> {
  const marked = processesWithEnvironment(nodeVariable, nodeMark(paths, node));
  const inNetwork =
    config.isolation === "namespaces"
      ? processesInNetworkNamespace(namespacePath(namespaceOf(config, node)), namespaceInode)
      : [];
  const found = withDescendants([...marked, ...inNetwork, ...processesInCgroup(nodeCgroup(config, node))]);
  found.delete(process.pid);
  return found;
}

export function nodeMark(paths: ClusterPaths, node: string): string {
  return `${paths.root}:${node}`;
}

/** Where the process runtime of a node keeps its pods' shared memory: a tmpfs, whose content would outlive the node. */
export function sharedMemoryFolder(config: Pick<ClusterConfig, "name">, node: string): string {
  return `/dev/shm/${namespaceOf(config, node)}`;
}

/** Rounds of killing before giving up: a process that starts another while being killed needs a second one. */
const killRounds = 100;
const killRoundMs = 20;

/**
 * Ends all of a node as a power cut would: SIGKILL for every process, then what they leave in the kernel (mounts, cgroups) is removed.
 * Files stay. Throws if processes survive.
 */
export async function killNode(config: ClusterConfig, paths: ClusterPaths, node: string, clock: Clock): Promise<void> {
  await killAll(() => processesOfNode(config, paths, node), clock, `node ${node}`);
  if (mountsBelow(paths.node(node).root).length > 0) await unmountBelow(paths.node(node).root);
  removeCgroup(nodeCgroup(config, node));
  if (config.isolation === "namespaces") rmSync(sharedMemoryFolder(config, node), { recursive: true, force: true });
}

/** SIGKILLs whatever `find` finds until it finds nothing. */
export async function killAll(find: () => ReadonlySet<number>, clock: Clock, what: string): Promise<void> {
  for (let round = 0; round < killRounds; round++) {
    const pids = find();
    if (pids.size === 0) return;
    for (const pid of pids) signalProcess(pid, "SIGKILL");
    await sleep(clock, killRoundMs);
  }
  throw new Error(`cannot end processes ${[...find()].join(", ")} of ${what}: they do not react to SIGKILL`);
}
