import type { Endpoints } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  ipErrors,
  Path,
  portNumberErrors,
} from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";
import type { AddressRule } from "./special-addresses.ts";

type Subset = NonNullable<Endpoints["subsets"]>[number];
type Address = NonNullable<Subset["addresses"]>[number];
type Port = NonNullable<Subset["ports"]>[number];

const protocols = ["SCTP", "TCP", "UDP"];

export function validateEndpoints({ subsets = [] }: Endpoints, addressRule: AddressRule): FieldError[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const at = Path.of("subsets").index(index);
    const errors: FieldError[] = [];
    if (addresses.length + notReadyAddresses.length === 0) {
      errors.push(field.required(at, "must specify `addresses` or `notReadyAddresses`"));
    }
    for (const [name, list] of Object.entries({ addresses, notReadyAddresses })) {
      errors.push(
        ...list.flatMap((address, number) => addressErrors(address, addressRule, at.child(name).index(number))),
      );
    }
    const isNameless = ports.length <= 1;
    return [
      ...errors,
      ...ports.flatMap((port, number) => portErrors(port, isNameless, at.child("ports").index(number))),
    ];
  });
}

function addressErrors({ ip, hostname, nodeName }: Address, addressRule: AddressRule, at: Path): FieldError[] {
  const errors = ipErrors(ip).map((message) => field.invalid(at.child("ip"), ip, message));
  return [
    ...errors,
    ...optionalName(hostname, dns1123LabelErrors, at.child("hostname")),
    ...optionalName(nodeName, dns1123SubdomainErrors, at.child("nodeName")),
    ...(errors.length === 0 ? addressRule(ip, at.child("ip")) : []),
  ];
}

function portErrors({ name, port, protocol }: Port, isNameless: boolean, at: Path): FieldError[] {
  const errors =
    name || isNameless ? optionalName(name, dns1123LabelErrors, at.child("name")) : [field.required(at.child("name"))];
  return [
    ...errors,
    ...portNumberErrors(port).map((message) => field.invalid(at.child("port"), port, message)),
    ...oneOf(protocol, protocols, at.child("protocol")),
  ];
}
