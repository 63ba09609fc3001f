import { existsSync, rmSync } from "node:fs";
import type { Clock } from "@tskube/base";
import { removeNetwork } from "../network/apply.ts";
import { removeCgroup } from "../system/cgroups.ts";
import { unmountBelow } from "../system/mounts.ts";
import { processesWithEnvironment, withDescendants } from "../system/processes.ts";
import type { Cluster } from "./cluster.ts";
import { clusterCgroup, clusterVariable, killAll, killNode } from "./end-node.ts";
import { readKubeconfig, withoutCluster, writeKubeconfig } from "./kubeconfig.ts";

/**
 * Removes everything of a cluster but its files: processes, mounts, namespaces, interfaces, rules, cgroups. Works from what is found on
 * the machine, so that it also cleans up after a crash; running it again does nothing.
 */
export async function removeTraces({ config, paths }: Cluster, clock: Clock): Promise<void> {
  const marked = () => {
    const found = withDescendants(processesWithEnvironment(clusterVariable, paths.root));
    found.delete(process.pid);
    return found;
  };
  for (const node of config.nodes) await killNode(config, paths, node.name, clock);
  await killAll(marked, clock, `cluster ${config.name}`);
  await unmountBelow(paths.root);
  if (config.isolation === "namespaces") {
    await removeNetwork(config, paths.run);
    removeCgroup(clusterCgroup(config));
  }
  rmSync(paths.run, { recursive: true, force: true });
}

/** Removes a cluster's files and its entries in the user's kubeconfig. */
export function removeFiles({ config, paths }: Cluster): void {
  rmSync(paths.root, { recursive: true, force: true });
  if (existsSync(config.kubeconfig))
    writeKubeconfig(config.kubeconfig, withoutCluster(readKubeconfig(config.kubeconfig), config.name));
}
