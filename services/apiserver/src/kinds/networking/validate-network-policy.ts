import { BlockList } from "node:net";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "@tskube/api";
import { cidrErrors, type FieldError, field, Path, portNameErrors, portNumberErrors } from "@tskube/apimachinery";
import { optionalOneOf, optionalSelector } from "../field-rules.ts";

const specPath = Path.of("spec");
const protocols = ["SCTP", "TCP", "UDP"];
const policyTypes = ["Egress", "Ingress"];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const { ingress = [], egress = [], policyTypes: types = [] } = spec;
  const typesAt = specPath.child("policyTypes");
  return [
    ...optionalSelector(spec.podSelector, specPath.child("podSelector")),
    ...ingress.flatMap(({ ports, from }, index) => {
      const at = specPath.child("ingress").index(index);
      return [...portsErrors(ports, at.child("ports")), ...peersErrors(from, at.child("from"))];
    }),
    ...egress.flatMap(({ ports, to }, index) => {
      const at = specPath.child("egress").index(index);
      return [...portsErrors(ports, at.child("ports")), ...peersErrors(to, at.child("to"))];
    }),
    ...(types.length > policyTypes.length
      ? [field.invalid(typesAt, types, "may not specify more than two policyTypes")]
      : types.flatMap((type, index) => optionalOneOf(type, policyTypes, typesAt.index(index)))),
  ];
}

function portsErrors(ports: readonly NetworkPolicyPort[] = [], at: Path): FieldError[] {
  return ports.flatMap((port, index) => portErrors(port, at.index(index)));
}

function portErrors({ protocol, port, endPort }: NetworkPolicyPort, at: Path): FieldError[] {
  const errors = optionalOneOf(protocol, protocols, at.child("protocol"));
  const endAt = at.child("endPort");
  if (port === undefined) {
    if (endPort !== undefined)
      errors.push(field.required(at.child("port"), "must be specified when `endPort` is specified"));
    return errors;
  }
  const isNumber = typeof port === "number";
  const messages = isNumber ? portNumberErrors(port) : portNameErrors(port);
  errors.push(...messages.map((message) => field.invalid(at.child("port"), port, message)));
  if (endPort === undefined) return errors;
  if (!isNumber) errors.push(field.invalid(endAt, endPort, "may not be specified when `port` is non-numeric"));
  else if (endPort < port) errors.push(field.invalid(endAt, endPort, "must be greater than or equal to `port`"));
  return [...errors, ...portNumberErrors(endPort).map((message) => field.invalid(endAt, endPort, message))];
}

function peersErrors(peers: readonly NetworkPolicyPeer[] = [], at: Path): FieldError[] {
  return peers.flatMap((peer, index) => peerErrors(peer, at.index(index)));
}

function peerErrors({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  errors.push(...optionalSelector(podSelector, at.child("podSelector")));
  errors.push(...optionalSelector(namespaceSelector, at.child("namespaceSelector")));
  if (ipBlock) errors.push(...blockErrors(ipBlock, at.child("ipBlock")));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(field.required(at, "must specify a peer"));
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(field.forbidden(at, "may not specify both ipBlock and another peer"));
  }
  return errors;
}

function blockErrors({ cidr, except = [] }: NonNullable<NetworkPolicyPeer["ipBlock"]>, at: Path): FieldError[] {
  if (!cidr) return [field.required(at.child("cidr"))];
  const errors = cidrErrors(cidr).map((message) => field.invalid(at.child("cidr"), cidr, message));
  if (errors.length > 0) return errors;
  return except.flatMap((one, index) => {
    const path = at.child("except").index(index);
    const broken = cidrErrors(one);
    if (broken.length > 0) return broken.map((message) => field.invalid(path, one, message));
    return isInside(one, cidr) ? [] : [field.invalid(path, one, "must be a strict subset of `cidr`")];
  });
}

function isInside(inner: string, outer: string): boolean {
  const [address = "", bits] = inner.split("/");
  const [base = "", outerBits] = outer.split("/");
  const family = (text: string) => (text.includes(":") ? "ipv6" : "ipv4");
  if (family(address) !== family(base) || Number(bits) <= Number(outerBits)) return false;
  const block = new BlockList();
  block.addSubnet(base, Number(outerBits), family(base));
  return block.check(address, family(address));
}
