import { join } from "node:path";

/** Where a cluster keeps what. Sockets live under `run`, whose path must stay short: a unix socket's has 107 bytes at most. */
export interface ClusterPaths {
  readonly root: string;
  readonly config: string;
  readonly pki: string;
  readonly kubeconfigs: string;
  readonly store: string;
  readonly etcd: string;
  readonly logs: string;
  readonly run: string;
  readonly controlSocket: string;
  readonly supervisorPid: string;
  node(name: string): NodePaths;
}

export interface NodePaths {
  readonly root: string;
  readonly kubelet: string;
  readonly podLogs: string;
  readonly runtime: string;
  readonly runtimeSocket: string;
  readonly configs: string;
}

export function clusterPaths(home: string, name: string): ClusterPaths {
  const root = join(home, name);
  const run = join(root, "run");
  return {
    root,
    config: join(root, "cluster.json"),
    pki: join(root, "pki"),
    kubeconfigs: join(root, "kubeconfigs"),
    store: join(root, "store"),
    etcd: join(root, "etcd"),
    logs: join(root, "logs"),
    run,
    controlSocket: join(run, "control.sock"),
    supervisorPid: join(run, "supervisor.pid"),
    node(nodeName) {
      const nodeRoot = join(root, "nodes", nodeName);
      return {
        root: nodeRoot,
        kubelet: join(nodeRoot, "kubelet"),
        podLogs: join(nodeRoot, "pod-logs"),
        runtime: join(nodeRoot, "runtime"),
        runtimeSocket: join(run, `${nodeName}.sock`),
        configs: join(nodeRoot, "config"),
      };
    },
  };
}

/** Where clusters live: `TSKUBE_HOME`, else a system folder for root and the user's data folder for others. */
export function clustersHome(
  environment: Readonly<Record<string, string | undefined>>,
  isRoot: boolean,
  userHome: string,
): string {
  if (environment.TSKUBE_HOME) return environment.TSKUBE_HOME;
  if (isRoot) return "/var/lib/tskube";
  return join(environment.XDG_DATA_HOME ?? join(userHome, ".local", "share"), "tskube");
}
