import {
  baseOptions,
  boolean,
  clientOptions,
  decimal,
  delegatedAccessOptions,
  duration,
  integer,
  leaderElectionOptions,
  list,
  type OptionValues,
  path,
  servingOptions,
  text,
} from "@tskube/component";
import { signingOptions, signingProblems } from "./controllers/csr-signing/options.ts";
import { controllerEntries } from "./controllers/index.ts";
import { selectControllers } from "./controllers/select.ts";
import { parseCidr } from "./net/cidr.ts";

function workers(of: string, count: number) {
  return integer(`How many ${of} are worked on at once`, { default: count, min: 1 });
}

export const options = {
  ...baseOptions,
  ...clientOptions,
  // On one machine the API server's flow control is the limit: a client that waits on purpose only delays the cluster.
  kubeApiQps: decimal("Requests a second to the API server", { default: 1000 }),
  kubeApiBurst: integer("Requests to the API server at once", { default: 2000, min: 1 }),
  ...servingOptions({ securePort: 10257 }),
  ...delegatedAccessOptions,
  ...leaderElectionOptions({ resourceName: "kube-controller-manager" }),
  controllers: list("The controllers to run: names, * for all that are on by default, -name for all but it", {
    default: ["*"],
  }),
  useServiceAccountCredentials: boolean("Each controller works under a service account of its own", { default: false }),
  clusterCidr: text("The addresses of pods, one or two ranges", { value: "cidrs" }),
  serviceClusterIpRange: text("The addresses of services: never given to nodes", { value: "cidrs" }),
  allocateNodeCidrs: boolean("Give every node a share of --cluster-cidr", { default: false }),
  nodeCidrMaskSize: integer("The size of a node's share; absent: 24 for IPv4, 64 for IPv6", { min: 0, max: 128 }),
  nodeMonitorPeriod: duration("How often nodes without news are looked at", { default: 5_000 }),
  nodeMonitorGracePeriod: duration("How long a node may be silent before it is taken for unreachable", {
    default: 50_000,
  }),
  nodeStartupGracePeriod: duration("How long a node that just started may be silent", { default: 60_000 }),
  nodeEvictionRate: decimal("Nodes a second whose pods are evicted while a zone is healthy", { default: 0.1, min: 0 }),
  secondaryNodeEvictionRate: decimal("The same while a large zone is unhealthy", { default: 0.01, min: 0 }),
  unhealthyZoneThreshold: decimal("The share of nodes not ready that makes a zone unhealthy", {
    default: 0.55,
    min: 0,
    max: 1,
  }),
  largeClusterSizeThreshold: integer("Zones up to this size have no evictions while unhealthy", {
    default: 50,
    min: 0,
  }),
  terminatedPodGcThreshold: integer("How many ended pods are kept before the oldest are deleted; 0 keeps all", {
    default: 12_500,
    min: 0,
  }),
  enableGarbageCollector: boolean("Delete objects whose owners are gone", { default: true }),
  rootCaFile: path("The authority that pods trust, published as the ConfigMap kube-root-ca.crt"),
  // Tokens are signed by the API server (TokenRequest); the flag is taken so that command lines of upstream work.
  serviceAccountPrivateKeyFile: path("Accepted as upstream's; the API server signs all tokens"),
  ...signingOptions,
  maxEndpointsPerSlice: integer("Endpoints in one EndpointSlice", { default: 100, min: 1, max: 1000 }),
  concurrentDeploymentSyncs: workers("deployments", 5),
  concurrentReplicasetSyncs: workers("replica sets", 5),
  concurrentDaemonsetSyncs: workers("daemon sets", 2),
  concurrentStatefulsetSyncs: workers("stateful sets", 5),
  concurrentJobSyncs: workers("jobs", 5),
  concurrentCronJobSyncs: workers("cron jobs", 5),
  concurrentTtlAfterFinishedSyncs: workers("finished jobs to delete", 5),
  concurrentRcSyncs: workers("replication controllers", 5),
  concurrentServiceEndpointSyncs: workers("services (EndpointSlices)", 5),
  concurrentEndpointSyncs: workers("services (Endpoints)", 5),
  concurrentNamespaceSyncs: workers("namespaces", 10),
  concurrentResourceQuotaSyncs: workers("resource quotas", 5),
  resourceQuotaSyncPeriod: duration("How often every quota is counted anew", { default: 300_000 }),
  concurrentServiceaccountTokenSyncs: workers("service account tokens", 5),
  concurrentGcSyncs: workers("objects to collect", 20),
};

export type Config = OptionValues<typeof options>;

/** What is wrong with the values together, if anything. */
export function validate(config: Config): string | undefined {
  const wrong: string[] = [];
  if (config.allocateNodeCidrs && !config.clusterCidr) wrong.push("--allocate-node-cidrs needs --cluster-cidr");
  for (const [flag, value] of [
    ["--cluster-cidr", config.clusterCidr],
    ["--service-cluster-ip-range", config.serviceClusterIpRange],
  ] as const) {
    for (const cidr of splitList(value))
      if (!parseCidr(cidr)) wrong.push(`${flag} has ${JSON.stringify(cidr)}, which is no CIDR`);
  }
  wrong.push(...signingProblems(config));
  const { unknown } = selectControllers(config.controllers, controllerEntries);
  for (const name of unknown) wrong.push(`--controllers names ${JSON.stringify(name)}, which is no controller here`);
  return wrong.length > 0 ? wrong.join("; ") : undefined;
}

/** The items of a flag with commas. */
export function splitList(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
