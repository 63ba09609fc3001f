import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClusterConfig, type NodeConfig, namespaceOf, prefixOf } from "../cluster/cluster-config.ts";
import { findExecutable } from "../supervisor/installation.ts";
import { CommandError, run } from "../system/run.ts";
import {
  hubCommands,
  hubNamespace,
  machineInterface,
  machineUplinkRules,
  type NetworkCommands,
  nodeCommands,
  nodeUplinkRules,
  partitionCommands,
  serviceAddressLine,
  uplinkTableName,
} from "./plan.ts";

const namespaceFolder = "/run/netns";

export function namespacePath(name: string): string {
  return join(namespaceFolder, name);
}

/** The inode that `/proc/PID/ns/net` of a process in the namespace shows; undefined if there is no such namespace. */
export function namespaceInode(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

export function namespaceExists(name: string): boolean {
  return namespaceInode(namespacePath(name)) !== undefined;
}

/** Creates the cluster's switch unless it is there. */
export async function ensureHub(config: ClusterConfig, stateFolder: string): Promise<void> {
  if (namespaceExists(hubNamespace(config))) return;
  await apply(hubCommands(config));
  if (config.uplink) await openUplink(config, stateFolder);
}

/** Creates a node's namespace unless it is there. */
export async function ensureNode(config: ClusterConfig, node: NodeConfig): Promise<void> {
  const namespace = namespaceOf(config, node.name);
  if (namespaceExists(namespace)) return;
  await apply(nodeCommands(config, node));
  await run(insideNamespace(namespace, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]));
  if (config.uplink) await run(insideNamespace(namespace, ["nft", "-f", "-"]), { input: nodeUplinkRules(config) });
  if (!hasPacketFilter())
    await run(["ip", "-n", namespace, "-batch", "-"], { input: `${serviceAddressLine(config)}\n` });
}

/** Whether kube-proxy can leave services to the kernel; without one it listens on their addresses itself. */
function hasPacketFilter(): boolean {
  return ["nft", "iptables"].some((tool) => findExecutable(tool) !== undefined);
}

/** Removes a node's namespace and with it its interfaces, routes and rules. Its processes must have ended. */
export async function removeNode(config: ClusterConfig, node: string): Promise<void> {
  await deleteNamespace(namespaceOf(config, node));
}

/** Cuts a node off from everything else, or connects it again. */
export async function setPartitioned(config: ClusterConfig, node: NodeConfig, isCut: boolean): Promise<void> {
  await apply(partitionCommands(config, node, isCut));
}

/** Removes all that a cluster's network consists of, whatever of it is there. */
export async function removeNetwork(config: ClusterConfig, stateFolder: string): Promise<void> {
  const prefix = `${prefixOf(config.name)}-`;
  const known = new Set([hubNamespace(config), ...config.nodes.map(({ name }) => namespaceOf(config, name))]);
  const listed = (await run(["ip", "netns", "list"])).split("\n").flatMap((line) => line.split(" ")[0] || []);
  for (const namespace of listed.filter((name) => known.has(name) && name.startsWith(prefix)))
    await deleteNamespace(namespace);
  await ignoreMissing(run(["ip", "link", "del", machineInterface(config)]));
  if (config.uplink) await closeUplink(config, stateFolder);
}

/** Prefixes `argv` so that it runs in a namespace. Not `ip netns exec`, which also remounts /sys and hides the cgroups. */
export function insideNamespace(namespace: string, argv: readonly string[]): string[] {
  return ["nsenter", `--net=${namespacePath(namespace)}`, ...argv];
}

async function apply(commands: NetworkCommands): Promise<void> {
  if (commands.machine.length > 0) await run(["ip", "-batch", "-"], { input: `${commands.machine.join("\n")}\n` });
  for (const [namespace, lines] of Object.entries(commands.inside)) {
    await run(["ip", "-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }
}

async function deleteNamespace(namespace: string): Promise<void> {
  if (namespaceExists(namespace)) await run(["ip", "netns", "del", namespace]);
}

const forwardingSwitch = "/proc/sys/net/ipv4/ip_forward";

/** Lets nodes reach beyond the machine; remembers how forwarding was set, so that it can be put back. */
async function openUplink(config: ClusterConfig, stateFolder: string): Promise<void> {
  writeFileSync(join(stateFolder, "ip-forward.before"), readFileSync(forwardingSwitch, "utf8"));
  writeFileSync(forwardingSwitch, "1");
  await run(["nft", "-f", "-"], { input: machineUplinkRules(config) });
}

async function closeUplink(config: ClusterConfig, stateFolder: string): Promise<void> {
  await ignoreMissing(run(["nft", "delete", "table", "ip", uplinkTableName(config)]));
  try {
    writeFileSync(forwardingSwitch, readFileSync(join(stateFolder, "ip-forward.before"), "utf8"));
  } catch {
    // Never opened: there is nothing to put back.
  }
}

/** A thing that is to be removed may already be gone. */
async function ignoreMissing(command: Promise<string>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (!(error instanceof CommandError) || !/Cannot find|No such|does not exist/.test(error.stderr)) throw error;
  }
}
