import type {
  CertificateSigningRequest,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  CSIDriver,
  CSINode,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  HorizontalPodAutoscaler,
  Ingress,
  IngressClass,
  Job,
  KubeObject,
  Lease,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodTemplate,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Role,
  RoleBinding,
  RuntimeClass,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  VolumeAttachment,
} from "@tskube/api";
import type { ResourceInfo } from "./rest/resource.ts";

/** The kinds that have sugar (`client.pods(ns)`, `listers.nodes`) and may stand in a controller's `wakeOn`. */
export interface KindTypes {
  CertificateSigningRequest: CertificateSigningRequest;
  ClusterRole: ClusterRole;
  ClusterRoleBinding: ClusterRoleBinding;
  ConfigMap: ConfigMap;
  ControllerRevision: ControllerRevision;
  CronJob: CronJob;
  CSIDriver: CSIDriver;
  CSINode: CSINode;
  DaemonSet: DaemonSet;
  Deployment: Deployment;
  Endpoints: Endpoints;
  EndpointSlice: EndpointSlice;
  Event: Event;
  HorizontalPodAutoscaler: HorizontalPodAutoscaler;
  Ingress: Ingress;
  IngressClass: IngressClass;
  Job: Job;
  Lease: Lease;
  LimitRange: LimitRange;
  Namespace: Namespace;
  NetworkPolicy: NetworkPolicy;
  Node: Node;
  PersistentVolume: PersistentVolume;
  PersistentVolumeClaim: PersistentVolumeClaim;
  Pod: Pod;
  PodDisruptionBudget: PodDisruptionBudget;
  PodTemplate: PodTemplate;
  PriorityClass: PriorityClass;
  ReplicaSet: ReplicaSet;
  ReplicationController: ReplicationController;
  ResourceQuota: ResourceQuota;
  Role: Role;
  RoleBinding: RoleBinding;
  RuntimeClass: RuntimeClass;
  Secret: Secret;
  Service: Service;
  ServiceAccount: ServiceAccount;
  StatefulSet: StatefulSet;
  StorageClass: StorageClass;
  VolumeAttachment: VolumeAttachment;
}

export type KindName = keyof KindTypes;

function namespaced<const K extends string, const R extends string>(
  group: string,
  version: string,
  resource: R,
  kind: K,
) {
  return { group, version, resource, kind, namespaced: true } as const;
}

function cluster<const K extends string, const R extends string>(group: string, version: string, resource: R, kind: K) {
  return { group, version, resource, kind, namespaced: false } as const;
}

/** Where each of these kinds is served, at the version this repository's components speak. */
export const kinds = {
  CertificateSigningRequest: cluster(
    "certificates.k8s.io",
    "v1",
    "certificatesigningrequests",
    "CertificateSigningRequest",
  ),
  ClusterRole: cluster("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole"),
  ClusterRoleBinding: cluster("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding"),
  ConfigMap: namespaced("", "v1", "configmaps", "ConfigMap"),
  ControllerRevision: namespaced("apps", "v1", "controllerrevisions", "ControllerRevision"),
  CronJob: namespaced("batch", "v1", "cronjobs", "CronJob"),
  CSIDriver: cluster("storage.k8s.io", "v1", "csidrivers", "CSIDriver"),
  CSINode: cluster("storage.k8s.io", "v1", "csinodes", "CSINode"),
  DaemonSet: namespaced("apps", "v1", "daemonsets", "DaemonSet"),
  Deployment: namespaced("apps", "v1", "deployments", "Deployment"),
  Endpoints: namespaced("", "v1", "endpoints", "Endpoints"),
  EndpointSlice: namespaced("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
  Event: namespaced("", "v1", "events", "Event"),
  HorizontalPodAutoscaler: namespaced("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
  Ingress: namespaced("networking.k8s.io", "v1", "ingresses", "Ingress"),
  IngressClass: cluster("networking.k8s.io", "v1", "ingressclasses", "IngressClass"),
  Job: namespaced("batch", "v1", "jobs", "Job"),
  Lease: namespaced("coordination.k8s.io", "v1", "leases", "Lease"),
  LimitRange: namespaced("", "v1", "limitranges", "LimitRange"),
  Namespace: cluster("", "v1", "namespaces", "Namespace"),
  NetworkPolicy: namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
  Node: cluster("", "v1", "nodes", "Node"),
  PersistentVolume: cluster("", "v1", "persistentvolumes", "PersistentVolume"),
  PersistentVolumeClaim: namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
  Pod: namespaced("", "v1", "pods", "Pod"),
  PodDisruptionBudget: namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"),
  PodTemplate: namespaced("", "v1", "podtemplates", "PodTemplate"),
  PriorityClass: cluster("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass"),
  ReplicaSet: namespaced("apps", "v1", "replicasets", "ReplicaSet"),
  ReplicationController: namespaced("", "v1", "replicationcontrollers", "ReplicationController"),
  ResourceQuota: namespaced("", "v1", "resourcequotas", "ResourceQuota"),
  Role: namespaced("rbac.authorization.k8s.io", "v1", "roles", "Role"),
  RoleBinding: namespaced("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
  RuntimeClass: cluster("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass"),
  Secret: namespaced("", "v1", "secrets", "Secret"),
  Service: namespaced("", "v1", "services", "Service"),
  ServiceAccount: namespaced("", "v1", "serviceaccounts", "ServiceAccount"),
  StatefulSet: namespaced("apps", "v1", "statefulsets", "StatefulSet"),
  StorageClass: cluster("storage.k8s.io", "v1", "storageclasses", "StorageClass"),
  VolumeAttachment: cluster("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment"),
} as const satisfies { readonly [K in KindName]: ResourceInfo };

/** The plural under which a kind has its sugar. */
export type PluralOf<K extends KindName> = (typeof kinds)[K]["resource"];

/** The type of a resource's objects when it is one of `kinds`, any object else. */
export type ObjectOf<I extends ResourceInfo> = I["kind"] extends KindName ? KindTypes[I["kind"]] : KubeObject;

export const kindNames = Object.keys(kinds) as KindName[];
