import type { eventsV1, KubeObject } from "@tskube/api";
import type { FieldError } from "@tskube/apimachinery";
import { apiServiceStrategy } from "../aggregation/api-service/strategy.ts";
import { customResourceDefinitions } from "../apiextensions/definitions/strategy.ts";
import type { Strategy } from "../registry/strategy.ts";
import { accessStrategies } from "./access/strategies.ts";
import { admissionRegistrationStrategies } from "./admissionregistration/strategies.ts";
import { workloadStrategies } from "./apps/strategies.ts";
import { batchStrategies } from "./batch/strategies.ts";
import { certificateRequests } from "./certificates/strategy.ts";
import { clusterTrustBundles } from "./certificates/trust-bundle.ts";
import { eventStrategy } from "./core/event/strategy.ts";
import { validateNewEventV1 } from "./core/event/validate-event-v1.ts";
import { pods } from "./core/pod/strategy.ts";
import type { ServicePools } from "./core/service/pools.ts";
import { endpointAddressRule } from "./core/service/special-addresses.ts";
import { serviceStrategy } from "./core/service/strategy.ts";
import { configMaps, endpoints, namespaces, nodes, quotas, secrets, serviceAccounts } from "./core/strategies.ts";
import { validateLimitRange } from "./core/validate-limit-range.ts";
import { deviceStrategies } from "./devices/strategies.ts";
import { flowSchemas, priorityLevels } from "./flowcontrol/strategies.ts";
import { endpointSlices, networkingStrategies } from "./networking/strategies.ts";
import { policyStrategies } from "./policy/strategies.ts";
import { storageStrategies } from "./storage/strategies.ts";
import { migrationStrategies } from "./storagemigration/strategies.ts";
import { strategyFor } from "./strategy-list.ts";

export interface StrategyDeps {
  readonly clock: { now(): number };
  readonly eventTtlSeconds: number;
  /** Endpoints may have addresses of the loopback range. */
  readonly allowsLoopbackEndpoints: boolean;
  /** Where services' addresses and node ports come from. */
  readonly servicePools: ServicePools;
}

/** What versions other than the stored one ask of new objects besides, by `resource.group`. */
export const checksOfNew: Readonly<Record<string, (served: KubeObject) => FieldError[]>> = {
  "events.events.k8s.io": (served) => validateNewEventV1(served as eventsV1.Event),
};

/** The strategy of a kind without rules of its own: stored as it comes. */
export const plainStrategy: Strategy = {};

/** Kinds with rules of their own, by `resource.group`. All others have the plain strategy. */
export function createStrategies(deps: StrategyDeps): Readonly<Record<string, Strategy>> {
  const endpointAddresses = endpointAddressRule(deps.allowsLoopbackEndpoints);
  return {
    ...accessStrategies,
    ...admissionRegistrationStrategies,
    ...workloadStrategies,
    ...batchStrategies,
    ...networkingStrategies,
    ...policyStrategies,
    ...storageStrategies(deps.clock),
    ...deviceStrategies,
    ...migrationStrategies,
    configmaps: strategyFor(configMaps),
    endpoints: strategyFor(endpoints(endpointAddresses)),
    "endpointslices.discovery.k8s.io": strategyFor(endpointSlices(endpointAddresses)),
    events: strategyFor(eventStrategy(deps.eventTtlSeconds)),
    namespaces: strategyFor(namespaces),
    nodes: strategyFor(nodes),
    pods: strategyFor(pods),
    secrets: strategyFor(secrets),
    serviceaccounts: strategyFor(serviceAccounts),
    services: strategyFor(serviceStrategy(deps.servicePools, deps.clock)),
    limitranges: strategyFor({ validate: validateLimitRange, validateUpdate: validateLimitRange }),
    resourcequotas: strategyFor(quotas),
    "apiservices.apiregistration.k8s.io": strategyFor(apiServiceStrategy(deps.clock)),
    "certificatesigningrequests.certificates.k8s.io": strategyFor(certificateRequests(deps.clock)),
    "clustertrustbundles.certificates.k8s.io": strategyFor(clusterTrustBundles),
    "customresourcedefinitions.apiextensions.k8s.io": strategyFor(customResourceDefinitions),
    "flowschemas.flowcontrol.apiserver.k8s.io": strategyFor(flowSchemas),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": strategyFor(priorityLevels),
  };
}
