import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../certificates/cluster-certificates.ts";
import { type ClusterConfig, prefixOf } from "../cluster/cluster-config.ts";
import { run } from "../system/run.ts";

/**
 * Docker resolves names for a container at 127.0.0.11, on ports that its NAT rules in the container's namespace know. A pod has a
 * loopback of its own, where nothing listens. So pods are told to ask the node's address instead, and the node passes it on:
 *
 *   pod ──► 172.30.40.21:53 ──dnat──► 127.0.0.11:41943 (docker's resolver in the worker's namespace)
 */
export const dockerResolver = "127.0.0.11";

/** Where docker's resolver listens. */
export interface ResolverPorts {
  readonly udp: number;
  readonly tcp: number;
}

/** The ports as `iptables-save -t nat` tells; undefined where docker has made no such rules. */
export function resolverPorts(iptablesSave: string): ResolverPorts | undefined {
  const portOf = (protocol: string) =>
    new RegExp(
      `-A DOCKER_OUTPUT .*-p ${protocol} .*-j DNAT --to-destination ${dockerResolver.replaceAll(".", "\\.")}:(\\d+)`,
    ).exec(iptablesSave)?.[1];
  const udp = portOf("udp");
  const tcp = portOf("tcp");
  return udp && tcp ? { udp: Number(udp), tcp: Number(tcp) } : undefined;
}

/** `nft -f` input that passes questions to `address` on to the resolver: those of pods, and those of pods in the node's own network. */
export function podDnsRules(config: Pick<ClusterConfig, "name">, address: string, ports: ResolverPorts): string {
  const table = `${prefixOf(config.name)}-dns`;
  const rules = [
    `    ip daddr ${address} udp dport 53 dnat to ${dockerResolver}:${ports.udp}`,
    `    ip daddr ${address} tcp dport 53 dnat to ${dockerResolver}:${ports.tcp}`,
  ];
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    // Forwarding to loopback opens it to the network: only what is translated below may get there.
    `  chain guard {`,
    `    type filter hook prerouting priority raw; policy accept;`,
    `    iifname != "lo" ip daddr 127.0.0.0/8 drop`,
    `  }`,
    `  chain prerouting {`,
    `    type nat hook prerouting priority -100; policy accept;`,
    ...rules,
    `  }`,
    `  chain output {`,
    `    type nat hook output priority -100; policy accept;`,
    ...rules,
    `  }`,
    `}`,
    ``,
  ].join("\n");
}

/**
 * Brings docker's resolver to pods; returns the resolv.conf to base theirs on, written into `folder`, or undefined if the container's own
 * serves them.
 */
export async function preparePodDns(
  config: Pick<ClusterConfig, "name">,
  address: string,
  folder: string,
): Promise<string | undefined> {
  const resolvConf = podResolvConf(readFileSync("/etc/resolv.conf", "utf8"), address);
  if (resolvConf === undefined) return undefined;
  const ports = resolverPorts(await natRules());
  if (!ports)
    throw new Error(`cannot find where docker resolves names: no DOCKER_OUTPUT rules lead to ${dockerResolver}`);
  writeFileSync("/proc/sys/net/ipv4/conf/all/route_localnet", "1");
  await run(["nft", "-f", "-"], { input: podDnsRules(config, address, ports) });
  const path = join(folder, "resolv.conf");
  writeWhole(path, resolvConf, 0o644);
  return path;
}

/** Docker writes them with the host's iptables, which may be either of two kinds. */
async function natRules(): Promise<string> {
  const kinds = ["iptables-nft-save", "iptables-legacy-save"];
  return (await Promise.all(kinds.map((kind) => run([kind, "-t", "nat"])))).join("\n");
}

/** The container's resolv.conf as pods need it; undefined if it serves them as it is. */
export function podResolvConf(resolvConf: string, address: string): string | undefined {
  const lines = resolvConf.split("\n");
  const isDockers = (line: string) => line.trim() === `nameserver ${dockerResolver}`;
  if (!lines.some(isDockers)) return undefined;
  return lines.map((line) => (isDockers(line) ? `nameserver ${address}` : line)).join("\n");
}
