import type { Service } from "@tskube/api";
import { dns1035LabelErrors } from "@tskube/apimachinery";
import type { Claim, Strategy } from "../../../registry/strategy.ts";
import { allocate } from "./allocate.ts";
import { serviceColumns } from "./columns.ts";
import { addressesOf, nodePortsOf, type ServicePools } from "./pools.ts";
import { validateService, validateServiceUpdate } from "./validate-service.ts";

const addressPrefix = "/registry/ranges/serviceips/";
const portPrefix = "/registry/ranges/servicenodeports/";

export function serviceStrategy(pools: ServicePools): Strategy<Service> {
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
    allocate: (service, old) => allocate(pools, service, old),
    claims: claimsOf,
    onClaimTaken(key) {
      if (key.startsWith(addressPrefix)) {
        const offset = pools.addressOffset(key.slice(addressPrefix.length));
        if (offset !== undefined) pools.addresses.claim(offset);
      } else {
        const offset = pools.portOffset(Number(key.slice(portPrefix.length)));
        if (offset !== undefined) pools.ports.claim(offset);
      }
    },
  };
}

/** Each address and port is a key of the store that exactly one service has written. */
function claimsOf(service: Service): Claim[] {
  const { namespace, name, uid } = service.metadata;
  const value = Buffer.from(JSON.stringify({ namespace, name, uid }));
  return [
    ...addressesOf(service).map((address) => ({ key: addressPrefix + address, value })),
    ...nodePortsOf(service).map((port) => ({ key: portPrefix + port, value })),
  ];
}
