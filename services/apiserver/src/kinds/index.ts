import type { KubeObject, ReplicaSet } from "@tskube/api";
import { pathSegmentNameErrors } from "@tskube/apimachinery";
import type { Strategy } from "../registry/strategy.ts";
import { daemonSetColumns, deploymentColumns, replicaSetColumns, statefulSetColumns } from "./apps/columns.ts";
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

export interface StrategyDeps {
  readonly eventTtlSeconds: number;
  /** Where services' addresses and node ports come from. */
  readonly servicePools: ServicePools;
}

/** The strategy of a kind without rules of its own: stored as it comes. */
export const plainStrategy: Strategy = {};

const counted: Strategy = { hasGeneration: true };
const rbac: Strategy = { validateName: pathSegmentNameErrors };

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
    persistentvolumeclaims: { returnsDeletedObject: true },
    persistentvolumes: { returnsDeletedObject: true },
    podtemplates: { returnsDeletedObject: true, hasGeneration: true },
    resourcequotas: { returnsDeletedObject: true },
    "daemonsets.apps": any({ hasGeneration: true, columns: daemonSetColumns }),
    "deployments.apps": any({ hasGeneration: true, columns: deploymentColumns }),
    "replicasets.apps": any<ReplicaSet>({
      hasGeneration: true,
      columns: replicaSetColumns,
      selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
    }),
    "statefulsets.apps": any({ hasGeneration: true, columns: statefulSetColumns }),
    "cronjobs.batch": counted,
    "jobs.batch": counted,
    "leases.coordination.k8s.io": { allowCreateOnUpdate: true },
    "endpointslices.discovery.k8s.io": any({ hasGeneration: true, columns: endpointSliceColumns }),
    "ingresses.networking.k8s.io": counted,
    "ingressclasses.networking.k8s.io": counted,
    "networkpolicies.networking.k8s.io": counted,
    "poddisruptionbudgets.policy": counted,
    "flowschemas.flowcontrol.apiserver.k8s.io": counted,
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": counted,
    "roles.rbac.authorization.k8s.io": rbac,
    "rolebindings.rbac.authorization.k8s.io": rbac,
    "clusterroles.rbac.authorization.k8s.io": rbac,
    "clusterrolebindings.rbac.authorization.k8s.io": rbac,
  };
}

/** Puts a strategy for one kind among those for any: the registry hands it only objects of the kind it is listed for. */
function any<T extends KubeObject>(strategy: Strategy<T>): Strategy {
  return strategy as unknown as Strategy;
}
