import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { writeWhole } from "../certificates/cluster-certificates.ts";
import type { ClusterConfig, NodeConfig } from "../cluster/cluster-config.ts";
import type { ClusterPaths } from "../cluster/paths.ts";
import { pauseImageArchive, pauseImageRef } from "../images/pause-image.ts";
import { nodeUplinkRules } from "../network/plan.ts";
import { cniTemplate, containerdConfiguration } from "../supervisor/containerd.ts";
import { kubeletConfiguration } from "../supervisor/programs.ts";
import { mayLowerOomScore } from "../system/capabilities.ts";
import { run } from "../system/run.ts";
import { delegateCgroup } from "./cgroup-delegation.ts";
import { preparePodDns } from "./pod-dns.ts";

/** Debian's place for CNI plugins: the image is made of its packages. */
const cniBinFolder = "/usr/lib/cni";
/** What plugins remember of networks that ended with the former run of the container. */
const cniCache = "/var/lib/cni";

/** A pod's mounts must be seen by containers that are started later, so the whole tree is shared. */
export async function prepareMachine(config: ClusterConfig): Promise<void> {
  await run(["mount", "--make-rshared", "/"]);
  delegateCgroup();
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  setIfThere("/proc/sys/net/bridge/bridge-nf-call-iptables", "1");
  setIfThere("/proc/sys/net/bridge/bridge-nf-call-ip6tables", "1");
  await run(["nft", "-f", "-"], { input: nodeUplinkRules(config) });
}

/** The kernel may lack br_netfilter, or have it built in. */
function setIfThere(path: string, value: string): void {
  if (existsSync(path)) writeFileSync(path, value);
}

/**
 * Removes what only made sense while the container's former processes lived: all of them ended with it, so no address is in use and no
 * container is running. Images and what containers wrote stay; the kubelet removes the dead containers.
 */
export function removeStaleState(paths: ClusterPaths, node: NodeConfig): void {
  const at = paths.node(node.name);
  for (const folder of [join(at.runtime, "state"), ipamFolder(paths, node), cniCache])
    rmSync(folder, { recursive: true, force: true });
}

/** Writes the files that the worker's programs start from; returns the pause image's archive. */
export async function writeNodeFiles(config: ClusterConfig, paths: ClusterPaths, node: NodeConfig): Promise<string> {
  const at = paths.node(node.name);
  const cni = join(at.configs, "cni");
  for (const folder of [at.kubelet, at.podLogs, at.runtime, at.configs, cni, join(at.runtimeSocket, "..")])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const resolvConf = await preparePodDns(config, node.address, at.configs);
  const kubelet = { ...kubeletConfiguration(config, paths, node), ...(resolvConf && { resolvConf }) };
  writeWhole(join(at.configs, "kubelet.yaml"), stringify(kubelet), 0o600);
  writeWhole(join(at.configs, "cni.template"), cniTemplate(config, ipamFolder(paths, node)), 0o600);
  const options = {
    cniBinFolder,
    cniConfFolder: cni,
    cniTemplate: join(at.configs, "cni.template"),
    pauseImage: pauseImageRef,
    registriesFolder: "/etc/containerd/certs.d",
    restrictOomScore: !mayLowerOomScore(readFileSync("/proc/self/status", "utf8")),
  };
  writeWhole(join(at.configs, "containerd.toml"), containerdConfiguration(node, at, options), 0o600);
  const archive = join(at.configs, "pause.tar");
  writeFileSync(archive, await pauseImageArchive());
  return archive;
}

function ipamFolder(paths: ClusterPaths, node: NodeConfig): string {
  return join(paths.node(node.name).runtime, "ipam");
}
