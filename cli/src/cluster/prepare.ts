import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { certificateRequests, ensureCertificates, writeWhole } from "../certificates/cluster-certificates.ts";
import { pauseImageRef } from "../images/pause-image.ts";
import { cniTemplate, containerdConfiguration } from "../supervisor/containerd.ts";
import { componentKubeconfigs, kubeconfigFile, kubeletConfiguration } from "../supervisor/programs.ts";
import { mayLowerOomScore } from "../system/capabilities.ts";
import type { ClusterConfig, NodeConfig } from "./cluster-config.ts";
import {
  apiserverUrl,
  componentKubeconfig,
  embeddedKubeconfig,
  mergeKubeconfig,
  readKubeconfig,
  writeKubeconfig,
} from "./kubeconfig.ts";
import type { ClusterPaths } from "./paths.ts";

/** Writes all files that the cluster's programs start from; running it again writes what is missing or has changed. */
export async function prepareFiles(config: ClusterConfig, paths: ClusterPaths, nowMs: number): Promise<void> {
  for (const folder of [paths.root, paths.logs, paths.run, paths.kubeconfigs])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(paths.config, `${JSON.stringify(config, null, 2)}\n`, 0o600);
  await ensureCertificates(paths.pki, certificateRequests(config), nowMs);
  for (const [file, certificate] of componentKubeconfigs(config)) {
    writeKubeconfig(
      kubeconfigFile(paths, file),
      componentKubeconfig(config.name, apiserverUrl(config), paths.pki, certificate),
    );
  }
  for (const node of config.nodes) prepareNode(config, paths, node);
}

function prepareNode(config: ClusterConfig, paths: ClusterPaths, node: NodeConfig): void {
  const at = paths.node(node.name);
  for (const folder of [at.kubelet, at.podLogs, at.runtime, at.configs])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(join(at.configs, "kubelet.yaml"), stringify(kubeletConfiguration(config, paths, node)), 0o600);
  if (config.runtime !== "containerd") return;
  const cni = join(at.configs, "cni");
  mkdirSync(cni, { recursive: true, mode: 0o700 });
  writeWhole(join(at.configs, "cni.template"), cniTemplate(config, join(at.runtime, "ipam")), 0o600);
  const options = {
    cniBinFolder: cniBinFolder(),
    cniConfFolder: cni,
    cniTemplate: join(at.configs, "cni.template"),
    pauseImage: pauseImageRef,
    registriesFolder: join(at.configs, "certs.d"),
    restrictOomScore: !mayLowerOomScore(readFileSync("/proc/self/status", "utf8")),
  };
  writeWhole(join(at.configs, "containerd.toml"), containerdConfiguration(node, at, options), 0o600);
}

/** Distributions disagree on where CNI plugins are. */
function cniBinFolder(): string {
  return (
    ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"].find((folder) => existsSync(join(folder, "bridge"))) ??
    "/opt/cni/bin"
  );
}

/** Merges the cluster's context into the user's kubeconfig and makes it the current one. */
export function mergeIntoUserKubeconfig(config: ClusterConfig, paths: ClusterPaths): void {
  writeKubeconfig(
    config.kubeconfig,
    mergeKubeconfig(readKubeconfig(config.kubeconfig), embeddedKubeconfig(config, paths)),
  );
}
