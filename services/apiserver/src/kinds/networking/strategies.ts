import type { EndpointSlice, Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "@tskube/api";
import type { Strategy } from "../../registry/strategy.ts";
import { endpointSliceColumns } from "../core/service/columns.ts";
import type { AddressRule } from "../core/service/special-addresses.ts";
import { type StrategyList, strategyFor } from "../strategy-list.ts";
import { addressColumns, ingressClassColumns, ingressColumns, networkPolicyColumns, rangeColumns } from "./columns.ts";
import {
  addressNameErrors,
  validateAddress,
  validateAddressUpdate,
  validateIngressClass,
  validateIngressClassUpdate,
  validateServiceRange,
  validateServiceRangeUpdate,
} from "./validate-addresses.ts";
import { validateIngress } from "./validate-ingress.ts";
import { validateNetworkPolicy } from "./validate-network-policy.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validate-slice.ts";

const classAnnotation = "kubernetes.io/ingress.class";

export function endpointSlices(addressRule: AddressRule): Strategy<EndpointSlice> {
  return {
    hasGeneration: true,
    generationCounts: "labels",
    columns: endpointSliceColumns,
    validate: (slice) => validateEndpointSlice(slice, addressRule),
    validateUpdate: (slice, old) => validateEndpointSliceUpdate(slice, old, addressRule),
  };
}

export const networkingStrategies: StrategyList = {
  "ingresses.networking.k8s.io": strategyFor<Ingress>({
    hasGeneration: true,
    columns: ingressColumns,
    warnings: ({ metadata }, old) =>
      !old && metadata.annotations?.[classAnnotation] !== undefined
        ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
    validate: validateIngress,
    validateUpdate: validateIngress,
  }),
  "ingressclasses.networking.k8s.io": strategyFor<IngressClass>({
    hasGeneration: true,
    columns: ingressClassColumns,
    validate: validateIngressClass,
    validateUpdate: validateIngressClassUpdate,
  }),
  "ipaddresses.networking.k8s.io": strategyFor<IPAddress>({
    validateName: addressNameErrors,
    columns: addressColumns,
    selectableFields: { "spec.parentRef.name": ({ spec }) => spec?.parentRef?.name ?? "" },
    validate: validateAddress,
    validateUpdate: validateAddressUpdate,
  }),
  "networkpolicies.networking.k8s.io": strategyFor<NetworkPolicy>({
    hasGeneration: true,
    columns: networkPolicyColumns,
    validate: validateNetworkPolicy,
    validateUpdate: validateNetworkPolicy,
  }),
  "servicecidrs.networking.k8s.io": strategyFor<ServiceCIDR>({
    columns: rangeColumns,
    validate: validateServiceRange,
    validateUpdate: validateServiceRangeUpdate,
  }),
};
