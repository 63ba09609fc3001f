import { readFileSync } from "node:fs";
import type { ControllerFactory } from "@tskube/controller";
import { type Config, splitList } from "../config.ts";
import { type Cidr, parseCidr } from "../net/cidr.ts";
import { bootstrapSigner } from "./bootstrap-signer/controller.ts";
import { clusterRoleAggregation } from "./clusterrole-aggregation/controller.ts";
import { cronJobController } from "./cronjob/controller.ts";
import { csrApprovingController } from "./csr-approving/controller.ts";
import { csrCleaner } from "./csr-cleaner/controller.ts";
import { csrSigningController } from "./csr-signing/controller.ts";
import { signingOf } from "./csr-signing/options.ts";
import { daemonSetController } from "./daemonset/controller.ts";
import { deploymentController } from "./deployment/controller.ts";
import { disruptionController } from "./disruption/controller.ts";
import { endpointsController } from "./endpoints/controller.ts";
import { endpointSliceController } from "./endpointslice/controller.ts";
import type { ControllerEntry } from "./entry.ts";
import { garbageCollector } from "./garbage-collector/controller.ts";
import { jobController } from "./job/controller.ts";
import { namespaceController } from "./namespace/controller.ts";
import { nodeIpamController } from "./node-ipam/controller.ts";
import { nodeLifecycleController } from "./node-lifecycle/controller.ts";
import { podGcController } from "./pod-gc/controller.ts";
import { replicaSetController, replicationControllerController } from "./replicaset/controller.ts";
import { resourceQuotaController } from "./resourcequota/controller.ts";
import { rootCaPublisher } from "./root-ca-publisher/controller.ts";
import { serviceCidrController } from "./service-cidr/controller.ts";
import { serviceAccountController } from "./serviceaccount/controller.ts";
import { statefulSetController } from "./statefulset/controller.ts";
import { taintEvictionController } from "./taint-eviction/controller.ts";
import { tokenCleaner } from "./token-cleaner/controller.ts";
import { ttlController } from "./ttl/controller.ts";
import { ttlAfterFinishedController } from "./ttl-after-finished/controller.ts";

function entry(
  name: string,
  alias: string,
  serviceAccount: string,
  eventSource: string,
  create: (config: Config) => ControllerFactory | undefined,
): ControllerEntry {
  return { name, alias, serviceAccount, eventSource, create };
}

/** Every controller. The garbage collector stands last: it watches what the others watch, and only what is left by itself. */
export const controllerEntries: readonly ControllerEntry[] = [
  entry("deployment-controller", "deployment", "deployment-controller", "deployment-controller", (config) =>
    deploymentController(config.concurrentDeploymentSyncs),
  ),
  entry("replicaset-controller", "replicaset", "replicaset-controller", "replicaset-controller", (config) =>
    replicaSetController(config.concurrentReplicasetSyncs),
  ),
  entry("daemonset-controller", "daemonset", "daemon-set-controller", "daemonset-controller", (config) =>
    daemonSetController(config.concurrentDaemonsetSyncs),
  ),
  entry("statefulset-controller", "statefulset", "statefulset-controller", "statefulset-controller", (config) =>
    statefulSetController(config.concurrentStatefulsetSyncs),
  ),
  entry("job-controller", "job", "job-controller", "job-controller", (config) =>
    jobController(config.concurrentJobSyncs),
  ),
  entry("cronjob-controller", "cronjob", "cronjob-controller", "cronjob-controller", (config) =>
    cronJobController(config.concurrentCronJobSyncs),
  ),
  entry(
    "disruption-controller",
    "disruption",
    "disruption-controller",
    "controllermanager",
    () => disruptionController,
  ),
  entry(
    "ttl-after-finished-controller",
    "ttl-after-finished",
    "ttl-after-finished-controller",
    "ttl-after-finished-controller",
    (config) => ttlAfterFinishedController(config.concurrentTtlAfterFinishedSyncs),
  ),
  entry("ttl-controller", "ttl", "ttl-controller", "ttl-controller", () => ttlController),
  entry(
    "replicationcontroller-controller",
    "replicationcontroller",
    "replication-controller",
    "replication-controller",
    (config) => replicationControllerController(config.concurrentRcSyncs),
  ),
  entry(
    "endpointslice-controller",
    "endpointslice",
    "endpointslice-controller",
    "endpoint-slice-controller",
    (config) =>
      endpointSliceController({
        workers: config.concurrentServiceEndpointSyncs,
        maxPerSlice: config.maxEndpointsPerSlice,
      }),
  ),
  entry("endpoints-controller", "endpoint", "endpoint-controller", "endpoint-controller", (config) =>
    endpointsController(config.concurrentEndpointSyncs),
  ),
  entry("resourcequota-controller", "resourcequota", "resourcequota-controller", "resourcequota-controller", (config) =>
    resourceQuotaController({
      workers: config.concurrentResourceQuotaSyncs,
      syncPeriodMs: config.resourceQuotaSyncPeriod,
    }),
  ),
  entry("namespace-controller", "namespace", "namespace-controller", "namespace-controller", (config) =>
    namespaceController({ workers: config.concurrentNamespaceSyncs }),
  ),
  entry(
    "service-cidr-controller",
    "servicecidr",
    "service-cidrs-controller",
    "service-cidr-controller",
    () => serviceCidrController,
  ),
  entry(
    "serviceaccount-controller",
    "serviceaccount",
    "service-account-controller",
    "serviceaccount-controller",
    () => serviceAccountController,
  ),
  entry(
    "root-ca-certificate-publisher-controller",
    "root-ca-cert-publisher",
    "root-ca-cert-publisher",
    "root-ca-cert-publisher",
    ({ rootCaFile }) => (rootCaFile ? rootCaPublisher(readFileSync(rootCaFile, "utf8")) : undefined),
  ),
  entry("node-lifecycle-controller", "nodelifecycle", "node-controller", "node-controller", (config) =>
    nodeLifecycleController({
      grace: { monitorMs: config.nodeMonitorGracePeriod, startupMs: config.nodeStartupGracePeriod },
      rates: {
        normal: config.nodeEvictionRate,
        secondary: config.secondaryNodeEvictionRate,
        unhealthyThreshold: config.unhealthyZoneThreshold,
        largeZone: config.largeClusterSizeThreshold,
      },
    }),
  ),
  entry(
    "taint-eviction-controller",
    "taint-eviction",
    "node-controller",
    "taint-eviction-controller",
    () => taintEvictionController,
  ),
  entry("node-ipam-controller", "nodeipam", "node-controller", "cidrAllocator", (config) =>
    config.allocateNodeCidrs
      ? nodeIpamController({
          clusterCidrs: cidrs(config.clusterCidr),
          serviceCidrs: cidrs(config.serviceClusterIpRange),
          maskSize: config.nodeCidrMaskSize,
        })
      : undefined,
  ),
  entry("pod-garbage-collector-controller", "podgc", "pod-garbage-collector", "pod-garbage-collector", (config) =>
    podGcController(config.terminatedPodGcThreshold),
  ),
  entry(
    "clusterrole-aggregation-controller",
    "clusterrole-aggregation",
    "clusterrole-aggregation-controller",
    "clusterrole-aggregation-controller",
    () => clusterRoleAggregation,
  ),
  entry(
    "certificatesigningrequest-signing-controller",
    "csrsigning",
    "certificate-controller",
    "certificate-controller",
    (config) => {
      const signing = signingOf(config);
      return signing && csrSigningController(signing);
    },
  ),
  entry(
    "certificatesigningrequest-approving-controller",
    "csrapproving",
    "certificate-controller",
    "certificate-controller",
    () => csrApprovingController,
  ),
  entry(
    "certificatesigningrequest-cleaner-controller",
    "csrcleaner",
    "certificate-controller",
    "certificate-controller",
    () => csrCleaner,
  ),
  {
    ...entry(
      "bootstrap-signer-controller",
      "bootstrapsigner",
      "bootstrap-signer",
      "bootstrap-signer",
      () => bootstrapSigner,
    ),
    isOptional: true,
  },
  {
    ...entry("token-cleaner-controller", "tokencleaner", "token-cleaner", "token-cleaner", () => tokenCleaner),
    isOptional: true,
  },
  entry(
    "garbage-collector-controller",
    "garbagecollector",
    "generic-garbage-collector",
    "garbage-collector-controller",
    (config) => (config.enableGarbageCollector ? garbageCollector({ workers: config.concurrentGcSyncs }) : undefined),
  ),
];

function cidrs(value: string | undefined): Cidr[] {
  return splitList(value).flatMap((text) => parseCidr(text) ?? []);
}
