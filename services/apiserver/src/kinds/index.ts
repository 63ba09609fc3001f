import type {
  ClusterRole,
  ClusterRoleBinding,
  KubeObject,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicaSet,
  Role,
  RoleBinding,
} from "@tskube/api";
import { pathSegmentNameErrors } from "@tskube/apimachinery";
import { apiServiceStrategy } from "../aggregation/api-service/strategy.ts";
import { customResourceDefinitions } from "../apiextensions/definitions/strategy.ts";
import type { Strategy } from "../registry/strategy.ts";
import { roleBindingColumns, roleColumns } from "./access/columns.ts";
import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
  validateRoleRefUpdate,
} from "./access/validate.ts";
import { daemonSetColumns, deploymentColumns, replicaSetColumns, statefulSetColumns } from "./apps/columns.ts";
import {
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from "./apps/validate.ts";
import { cronJobColumns } from "./batch/columns.ts";
import { jobs } from "./batch/job-strategy.ts";
import { validateCronJob } from "./batch/validate-cron-job.ts";
import { certificateRequests } from "./certificates/strategy.ts";
import { eventStrategy } from "./core/event/strategy.ts";
import { pods } from "./core/pod/strategy.ts";
import { endpointSliceColumns } from "./core/service/columns.ts";
import type { ServicePools } from "./core/service/pools.ts";
import { serviceStrategy } from "./core/service/strategy.ts";
import {
  configMaps,
  endpoints,
  namespaces,
  nodes,
  replicationControllers,
  secrets,
  serviceAccounts,
} from "./core/strategies.ts";
import { validateLimitRange } from "./core/validate-limit-range.ts";
import { validateQuota, validateQuotaUpdate } from "./core/validate-quota.ts";
import { flowSchemas, priorityLevels } from "./flowcontrol/strategies.ts";
import { ingressClassColumns, ingressColumns, networkPolicyColumns } from "./networking/columns.ts";
import { validateIngress } from "./networking/validate-ingress.ts";
import { validateNetworkPolicy } from "./networking/validate-network-policy.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./networking/validate-slice.ts";
import { autoscalerColumns, disruptionBudgetColumns, leaseColumns, priorityClassColumns } from "./policy/columns.ts";
import { validateAutoscaler } from "./policy/validate-autoscaler.ts";
import {
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from "./policy/validate-classes.ts";
import { validateDisruptionBudget } from "./policy/validate-disruption-budget.ts";
import { validateLease } from "./policy/validate-lease.ts";
import { claimColumns, storageClassColumns, volumeColumns } from "./storage/columns.ts";
import { validateClaim, validateClaimUpdate } from "./storage/validate-claim.ts";
import { validateStorageClass, validateStorageClassUpdate } from "./storage/validate-storage-class.ts";
import { validateVolume, validateVolumeUpdate } from "./storage/validate-volume.ts";

export interface StrategyDeps {
  readonly clock: { now(): number };
  readonly eventTtlSeconds: number;
  /** Where services' addresses and node ports come from. */
  readonly servicePools: ServicePools;
}

/** The strategy of a kind without rules of its own: stored as it comes. */
export const plainStrategy: Strategy = {};

const role = { validateName: pathSegmentNameErrors, columns: roleColumns };
const binding = { validateName: pathSegmentNameErrors, columns: roleBindingColumns };
const counted: Strategy = { hasGeneration: true };

/** Kinds with rules of their own, by `resource.group`. All others have the plain strategy. */
export function createStrategies(deps: StrategyDeps): Readonly<Record<string, Strategy>> {
  return {
    configmaps: any(configMaps),
    endpoints: any(endpoints),
    events: any(eventStrategy(deps.eventTtlSeconds)),
    namespaces: any(namespaces),
    nodes: any(nodes),
    pods: any(pods),
    replicationcontrollers: any(replicationControllers),
    secrets: any(secrets),
    serviceaccounts: any(serviceAccounts),
    services: any(serviceStrategy(deps.servicePools)),
    persistentvolumeclaims: any<PersistentVolumeClaim>({
      returnsDeletedObject: true,
      columns: claimColumns,
      validate: validateClaim,
      validateUpdate: validateClaimUpdate,
      prepareForCreate: (claim) => {
        claim.status = { phase: "Pending" };
      },
    }),
    persistentvolumes: any<PersistentVolume>({
      returnsDeletedObject: true,
      columns: volumeColumns,
      validate: validateVolume,
      validateUpdate: validateVolumeUpdate,
      prepareForCreate: (volume) => {
        volume.status = { phase: "Pending" };
      },
    }),
    podtemplates: { returnsDeletedObject: true, hasGeneration: true },
    limitranges: any({ validate: validateLimitRange, validateUpdate: validateLimitRange }),
    resourcequotas: any({ returnsDeletedObject: true, validate: validateQuota, validateUpdate: validateQuotaUpdate }),
    "apiservices.apiregistration.k8s.io": any(apiServiceStrategy(deps.clock)),
    "certificatesigningrequests.certificates.k8s.io": any(certificateRequests(deps.clock)),
    "customresourcedefinitions.apiextensions.k8s.io": any(customResourceDefinitions),
    "daemonsets.apps": any({
      hasGeneration: true,
      columns: daemonSetColumns,
      validate: validateDaemonSet,
      validateUpdate: validateDaemonSetUpdate,
    }),
    "deployments.apps": any({
      hasGeneration: true,
      generationCounts: "annotations",
      columns: deploymentColumns,
      validate: validateDeployment,
      validateUpdate: validateDeploymentUpdate,
    }),
    "replicasets.apps": any<ReplicaSet>({
      hasGeneration: true,
      columns: replicaSetColumns,
      validate: validateReplicaSet,
      validateUpdate: validateReplicaSetUpdate,
      selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
    }),
    "statefulsets.apps": any({
      hasGeneration: true,
      columns: statefulSetColumns,
      validate: validateStatefulSet,
      validateUpdate: validateStatefulSetUpdate,
    }),
    "cronjobs.batch": any({
      hasGeneration: true,
      columns: cronJobColumns,
      validate: validateCronJob,
      validateUpdate: validateCronJob,
    }),
    "jobs.batch": any(jobs),
    "leases.coordination.k8s.io": any({
      allowCreateOnUpdate: true,
      columns: leaseColumns,
      validate: validateLease,
      validateUpdate: validateLease,
    }),
    "endpointslices.discovery.k8s.io": any({
      hasGeneration: true,
      generationCounts: "labels",
      columns: endpointSliceColumns,
      validate: validateEndpointSlice,
      validateUpdate: validateEndpointSliceUpdate,
    }),
    "ingresses.networking.k8s.io": any({
      hasGeneration: true,
      columns: ingressColumns,
      validate: validateIngress,
      validateUpdate: validateIngress,
    }),
    "ingressclasses.networking.k8s.io": any({ hasGeneration: true, columns: ingressClassColumns }),
    "networkpolicies.networking.k8s.io": any({
      hasGeneration: true,
      columns: networkPolicyColumns,
      validate: validateNetworkPolicy,
      validateUpdate: validateNetworkPolicy,
    }),
    "poddisruptionbudgets.policy": any({
      hasGeneration: true,
      columns: disruptionBudgetColumns,
      validate: validateDisruptionBudget,
      validateUpdate: validateDisruptionBudget,
    }),
    "horizontalpodautoscalers.autoscaling": any({
      columns: autoscalerColumns,
      validate: validateAutoscaler,
      validateUpdate: validateAutoscaler,
    }),
    "priorityclasses.scheduling.k8s.io": any({
      hasGeneration: true,
      columns: priorityClassColumns,
      validate: validatePriorityClass,
      validateUpdate: validatePriorityClassUpdate,
    }),
    "runtimeclasses.node.k8s.io": any({ validate: validateRuntimeClass, validateUpdate: validateRuntimeClassUpdate }),
    "storageclasses.storage.k8s.io": any({
      columns: storageClassColumns,
      validate: validateStorageClass,
      validateUpdate: validateStorageClassUpdate,
    }),
    "flowschemas.flowcontrol.apiserver.k8s.io": any(flowSchemas),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": any(priorityLevels),
    "csidrivers.storage.k8s.io": counted,
    "deviceclasses.resource.k8s.io": counted,
    "resourceslices.resource.k8s.io": counted,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": counted,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": counted,
    "validatingadmissionpolicies.admissionregistration.k8s.io": counted,
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": counted,
    "roles.rbac.authorization.k8s.io": any<Role>({ ...role, validate: validateRole, validateUpdate: validateRole }),
    "clusterroles.rbac.authorization.k8s.io": any<ClusterRole>({
      ...role,
      validate: validateClusterRole,
      validateUpdate: validateClusterRole,
    }),
    "rolebindings.rbac.authorization.k8s.io": any<RoleBinding>({
      ...binding,
      validate: validateRoleBinding,
      validateUpdate: (object, old) => [...validateRoleBinding(object), ...validateRoleRefUpdate(object, old)],
    }),
    "clusterrolebindings.rbac.authorization.k8s.io": any<ClusterRoleBinding>({
      ...binding,
      validate: validateClusterRoleBinding,
      validateUpdate: (object, old) => [...validateClusterRoleBinding(object), ...validateRoleRefUpdate(object, old)],
    }),
  };
}

/** Puts a strategy for one kind among those for any: the registry hands it only objects of the kind it is listed for. */
function any<T extends KubeObject>(strategy: Strategy<T>): Strategy {
  return strategy as unknown as Strategy;
}
