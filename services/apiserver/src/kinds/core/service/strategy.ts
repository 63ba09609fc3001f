import type { Service } from "@tskube/api";
import { dns1035LabelErrors } from "@tskube/apimachinery";
import type { Claim, Strategy } from "../../../registry/strategy.ts";
import { encodeStored } from "../../../watch-cache/json-bytes.ts";
import { addressPrefix, addressRecord } from "./address-record.ts";
import { allocate } from "./allocate.ts";
import { serviceColumns } from "./columns.ts";
import { addressesOf, nodePortsOf, type ServicePools } from "./pools.ts";
import { validateService, validateServiceUpdate } from "./validate-service.ts";
import { serviceWarnings } from "./warnings.ts";

const portPrefix = "/registry/ranges/servicenodeports/";

export function serviceStrategy(pools: ServicePools, clock: { now(): number }): Strategy<Service> {
  return {
    validateName: dns1035LabelErrors,
    columns: serviceColumns,
    returnsDeletedObject: true,
    selectableFields: {
      "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "",
      "spec.type": ({ spec }) => spec.type ?? "",
    },
    prepareForCreate(service) {
      service.status = { loadBalancer: {} };
    },
    validate: validateService,
    validateUpdate: validateServiceUpdate,
    warnings: serviceWarnings,
    allocate: (service, old) => allocate(pools, service, old),
    claims: (service) => claimsOf(service, clock),
    onClaimTaken(key) {
      if (key.startsWith(addressPrefix)) {
        pools.claimAddress(key.slice(addressPrefix.length));
      } else {
        const offset = pools.portOffset(Number(key.slice(portPrefix.length)));
        if (offset !== undefined) pools.ports.claim(offset);
      }
    },
  };
}

/** Each address is an object of its own and each port a key of the store that exactly one service has written. */
function claimsOf(service: Service, clock: { now(): number }): Claim[] {
  const { namespace, name, uid } = service.metadata;
  return [
    ...addressesOf(service).map((address) => ({
      key: addressPrefix + address,
      value: () => encodeStored(addressRecord(address, service, clock.now())),
    })),
    ...nodePortsOf(service).map((port) => ({
      key: portPrefix + port,
      value: () => Buffer.from(JSON.stringify({ namespace, name, uid })),
    })),
  ];
}
