import type { EndpointSlice } from "@tskube/api";
import {
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipv4Errors,
  ipv6Errors,
  Path,
  portNumberErrors,
  validateImmutable,
} from "@tskube/apimachinery";
import type { AddressRule } from "../core/service/special-addresses.ts";

const types = ["FQDN", "IPv4", "IPv6"];
const protocols = ["SCTP", "TCP", "UDP"];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;

export function validateEndpointSlice(
  { addressType, endpoints, ports = [] }: EndpointSlice,
  addressRule: AddressRule,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!addressType) errors.push(field.required(Path.of("addressType")));
  else if (!types.includes(addressType)) errors.push(field.notSupported(Path.of("addressType"), addressType, types));
  if (endpoints.length > maxEndpoints) errors.push(field.tooMany(Path.of("endpoints"), endpoints.length, maxEndpoints));
  for (const [index, { addresses }] of endpoints.entries()) {
    const at = Path.of("endpoints").index(index).child("addresses");
    errors.push(...addressErrors(addresses, addressType, addressRule, at));
  }
  if (ports.length > maxPorts) errors.push(field.tooMany(Path.of("ports"), ports.length, maxPorts));
  return [...errors, ...portErrors(ports)];
}

export function validateEndpointSliceUpdate(
  slice: EndpointSlice,
  old: EndpointSlice,
  addressRule: AddressRule,
): FieldError[] {
  const kept = validateImmutable(slice.addressType, old.addressType, Path.of("addressType"));
  return [...validateEndpointSlice(slice, addressRule), ...kept];
}

function addressErrors(addresses: readonly string[], type: string, addressRule: AddressRule, at: Path): FieldError[] {
  if (addresses.length === 0) return [field.required(at, "must contain at least 1 address")];
  if (addresses.length > maxAddresses) return [field.tooMany(at, addresses.length, maxAddresses)];
  const errorsOf = type === "IPv4" ? ipv4Errors : type === "IPv6" ? ipv6Errors : dns1123SubdomainErrors;
  return addresses.flatMap((address, index) => {
    const errors = errorsOf(address).map((message) => field.invalid(at.index(index), address, message));
    return errors.length > 0 || type === "FQDN" ? errors : addressRule(address, at.index(index));
  });
}

function portErrors(ports: NonNullable<EndpointSlice["ports"]>): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name = "", port, protocol }, index) => {
    const at = Path.of("ports").index(index);
    const errors: FieldError[] = [];
    if (names.has(name)) errors.push(field.duplicate(at.child("name"), name));
    names.add(name);
    if (!protocol) errors.push(field.required(at.child("protocol")));
    else if (!protocols.includes(protocol)) errors.push(field.notSupported(at.child("protocol"), protocol, protocols));
    if (port !== undefined) {
      errors.push(...portNumberErrors(port).map((message) => field.invalid(at.child("port"), port, message)));
    }
    return errors;
  });
}
