import { isIPv4 } from "node:net";
import { type ClusterConfig, type NodeConfig, upstreamTiming } from "../cluster/cluster-config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How the control plane's containers are called in the list of nodes: they are no Node of the API. */
const controlPlaneName = "control-plane";

/**
 * The cluster that a compose file's environment describes. All containers get the same variables, so that none needs to ask another:
 *
 *   TSKUBE_CLUSTER_NAME=tskube-compose
 *   TSKUBE_NODE_SUBNET=172.30.40.0/24          the compose network
 *   TSKUBE_CONTROL_PLANE_ADDRESS=172.30.40.10  the apiserver's address in it
 *   TSKUBE_WORKERS=worker-1=172.30.40.21,worker-2=172.30.40.22
 *
 * Everything else has the defaults of `tskube up`. Throws a sentence for the first variable that is missing or wrong.
 */
export function clusterFromEnvironment(environment: Environment): ClusterConfig {
  const controlPlane = address("TSKUBE_CONTROL_PLANE_ADDRESS", required(environment, "TSKUBE_CONTROL_PLANE_ADDRESS"));
  return {
    name: environment.TSKUBE_CLUSTER_NAME || "tskube-compose",
    // A worker's container is its machine: inside it nothing needs to be told apart from other nodes.
    isolation: "host",
    runtime: "containerd",
    store: { kind: "etcd" },
    nodes: [
      { name: controlPlaneName, role: "control-plane", address: controlPlane },
      ...workers(required(environment, "TSKUBE_WORKERS")),
    ],
    nodeSubnet: required(environment, "TSKUBE_NODE_SUBNET"),
    podSubnet: environment.TSKUBE_POD_SUBNET || "10.244.0.0/16",
    serviceSubnet: environment.TSKUBE_SERVICE_SUBNET || "10.96.0.0/16",
    apiserverPort: 6443,
    timing: {
      nodeGraceSeconds: seconds(environment, "TSKUBE_NODE_GRACE_SECONDS", upstreamTiming.nodeGraceSeconds),
      tolerationSeconds: seconds(environment, "TSKUBE_TOLERATION_SECONDS", upstreamTiming.tolerationSeconds),
      leaseSeconds: seconds(environment, "TSKUBE_LEASE_SECONDS", upstreamTiming.leaseSeconds),
    },
    uplink: true,
    kubeconfig: "",
  };
}

/** The worker called `name`, or a sentence about which there are. */
export function workerOf(config: ClusterConfig, name: string): NodeConfig {
  const known = config.nodes.filter(({ role }) => role === "worker");
  const worker = known.find((node) => node.name === name);
  if (worker) return worker;
  throw new Error(
    `TSKUBE_WORKERS does not name this container's host name "${name}", only ${known.map((node) => node.name).join(", ")}`,
  );
}

function workers(list: string): NodeConfig[] {
  return list.split(",").map((entry) => {
    const [name = "", at = ""] = entry.trim().split("=");
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
      throw new Error(`TSKUBE_WORKERS must be a list of NAME=ADDRESS, not "${entry}"`);
    return { name, role: "worker", address: address(`TSKUBE_WORKERS: ${name}`, at) };
  });
}

function required(environment: Environment, variable: string): string {
  const value = environment[variable];
  if (!value) throw new Error(`${variable} is not set`);
  return value;
}

function address(what: string, value: string): string {
  if (!isIPv4(value)) throw new Error(`${what} must be an IPv4 address, not "${value}"`);
  return value;
}

function seconds(environment: Environment, variable: string, otherwise: number): number {
  const value = environment[variable];
  if (!value) return otherwise;
  if (!/^\d+$/.test(value)) throw new Error(`${variable} must be a whole number of seconds, not "${value}"`);
  return Number(value);
}
