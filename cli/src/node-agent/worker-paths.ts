import { type ClusterPaths, clusterPaths, type NodePaths } from "../cluster/paths.ts";

/** Where every container finds its credentials. */
export const credentialsFolder = "/etc/tskube";

/** A worker is a whole machine to its pods: everything lies where it would on one, and tools find it there. */
const workerFolders: NodePaths = {
  root: "/var/lib/tskube",
  kubelet: "/var/lib/kubelet",
  podLogs: "/var/log/pods",
  runtime: "/var/lib/containerd",
  runtimeSocket: "/run/containerd/containerd.sock",
  configs: "/run/tskube",
};

/** The paths in a worker's container, where there is one node only. */
export function workerPaths(): ClusterPaths {
  return { ...clusterPaths("/etc", "tskube"), node: () => workerFolders };
}
