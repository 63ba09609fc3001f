import type { AdmissionDeps, AdmissionOptions } from "./deps.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { alwaysAdmit, alwaysDeny } from "./plugins/always.ts";
import { alwaysPullImages } from "./plugins/always-pull-images.ts";
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
} from "./plugins/certificates.ts";
import { defaultIngressClass } from "./plugins/default-ingress-class.ts";
import { defaultStorageClass } from "./plugins/default-storage-class.ts";
import { defaultTolerationSeconds } from "./plugins/default-toleration-seconds.ts";
import { denyServiceExternalIps } from "./plugins/deny-service-external-ips.ts";
import { eventRateLimit } from "./plugins/event-rate-limit.ts";
import { extendedResourceToleration } from "./plugins/extended-resource-toleration.ts";
import { imagePolicyWebhook } from "./plugins/image-policy-webhook.ts";
import { limitPodHardAntiAffinityTopology } from "./plugins/limit-pod-hard-anti-affinity-topology.ts";
import { limitRanger } from "./plugins/limit-ranger.ts";
import { namespaceAutoProvision, namespaceExists } from "./plugins/namespace-exists.ts";
import { namespaceLifecycle } from "./plugins/namespace-lifecycle.ts";
import { nodeRestriction } from "./plugins/node-restriction.ts";
import { ownerReferencesPermissionEnforcement } from "./plugins/owner-references-permission-enforcement.ts";
import { persistentVolumeClaimResize } from "./plugins/persistent-volume-claim-resize.ts";
import { podNodeSelector } from "./plugins/pod-node-selector.ts";
import { podSecurity } from "./plugins/pod-security.ts";
import { podTolerationRestriction } from "./plugins/pod-toleration-restriction.ts";
import { podTopologyLabels } from "./plugins/pod-topology-labels.ts";
import { priority } from "./plugins/priority.ts";
import { resourceQuota } from "./plugins/resource-quota.ts";
import { runtimeClass } from "./plugins/runtime-class.ts";
import { serviceAccount } from "./plugins/service-account.ts";
import { storageObjectInUseProtection } from "./plugins/storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./plugins/taint-nodes-by-condition.ts";

export interface PluginEntry {
  readonly name: string;
  readonly isDefault: boolean;
  /** Absent where the caller brings the plugin and this list only has its place. */
  readonly create?: (deps: AdmissionDeps, options: AdmissionOptions) => AdmissionPlugin;
}

/**
 * All plugins in the order they run, which is upstream's: what fills in comes before what judges, quota last, since it counts what has passed all others.
 * NodeRestriction is on by default here, as in every cluster whose nodes have identities. NodeDeclaredFeatureValidator has a name and nothing to do: it
 * belongs to a feature that is in alpha and off.
 */
export const pluginList: readonly PluginEntry[] = [
  { name: "AlwaysAdmit", isDefault: false, create: () => alwaysAdmit },
  { name: "NamespaceAutoProvision", isDefault: false, create: namespaceAutoProvision },
  { name: "NamespaceLifecycle", isDefault: true, create: namespaceLifecycle },
  { name: "NamespaceExists", isDefault: false, create: namespaceExists },
  { name: "LimitPodHardAntiAffinityTopology", isDefault: false, create: () => limitPodHardAntiAffinityTopology },
  { name: "LimitRanger", isDefault: true, create: limitRanger },
  { name: "ServiceAccount", isDefault: true, create: serviceAccount },
  { name: "NodeRestriction", isDefault: true, create: nodeRestriction },
  { name: "TaintNodesByCondition", isDefault: true, create: () => taintNodesByCondition },
  { name: "AlwaysPullImages", isDefault: false, create: () => alwaysPullImages },
  { name: "ImagePolicyWebhook", isDefault: false, create: imagePolicyWebhook },
  { name: "PodSecurity", isDefault: true, create: podSecurity },
  { name: "PodNodeSelector", isDefault: false, create: podNodeSelector },
  { name: "Priority", isDefault: true, create: priority },
  { name: "DefaultTolerationSeconds", isDefault: true, create: (_deps, options) => defaultTolerationSeconds(options) },
  { name: "PodTolerationRestriction", isDefault: false, create: podTolerationRestriction },
  { name: "EventRateLimit", isDefault: false, create: eventRateLimit },
  { name: "ExtendedResourceToleration", isDefault: false, create: () => extendedResourceToleration },
  { name: "DefaultStorageClass", isDefault: true, create: defaultStorageClass },
  { name: "StorageObjectInUseProtection", isDefault: true, create: () => storageObjectInUseProtection },
  { name: "OwnerReferencesPermissionEnforcement", isDefault: false, create: ownerReferencesPermissionEnforcement },
  { name: "PersistentVolumeClaimResize", isDefault: true, create: persistentVolumeClaimResize },
  { name: "RuntimeClass", isDefault: true, create: runtimeClass },
  { name: "CertificateApproval", isDefault: true, create: certificateApproval },
  { name: "CertificateSigning", isDefault: true, create: certificateSigning },
  { name: "ClusterTrustBundleAttest", isDefault: true, create: clusterTrustBundleAttest },
  { name: "CertificateSubjectRestriction", isDefault: true, create: () => certificateSubjectRestriction },
  { name: "DefaultIngressClass", isDefault: true, create: defaultIngressClass },
  { name: "PodTopologyLabels", isDefault: true, create: podTopologyLabels },
  { name: "NodeDeclaredFeatureValidator", isDefault: true },
  { name: "DenyServiceExternalIPs", isDefault: false, create: () => denyServiceExternalIps },
  { name: "MutatingAdmissionPolicy", isDefault: true },
  { name: "MutatingAdmissionWebhook", isDefault: true },
  { name: "ValidatingAdmissionPolicy", isDefault: true },
  { name: "ValidatingAdmissionWebhook", isDefault: true },
  { name: "ResourceQuota", isDefault: true, create: resourceQuota },
  { name: "AlwaysDeny", isDefault: false, create: () => alwaysDeny },
];
