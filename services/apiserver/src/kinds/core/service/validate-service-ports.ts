import type { Service, ServicePort } from "@tskube/api";
import {
  dns1123LabelErrors,
  type FieldError,
  field,
  type Path,
  portNameErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";

const protocols = ["SCTP", "TCP", "UDP"];
/** Where every node's kubelet listens. */
const kubeletPort = 10_250;

export function validateServicePorts(spec: Service["spec"], isHeadless: boolean, at: Path): FieldError[] {
  const { ports = [], type } = spec;
  if (ports.length === 0 && !isHeadless && type !== "ExternalName") return [field.required(at)];
  const names = new Set<string>();
  return [
    ...ports.flatMap((port, index) => [
      ...nameErrors(port.name ?? "", names, ports.length > 1, at.index(index).child("name")),
      ...portErrors(port, spec, isHeadless, at.index(index)),
    ]),
    ...twinErrors(ports, at),
  ];
}

function nameErrors(name: string, seen: Set<string>, isRequired: boolean, at: Path): FieldError[] {
  if (name === "") return isRequired ? [field.required(at)] : [];
  const errors = optionalName(name, dns1123LabelErrors, at);
  if (seen.has(name)) errors.push(field.duplicate(at, name));
  seen.add(name);
  return errors;
}

function portErrors(port: ServicePort, { type }: Service["spec"], isHeadless: boolean, at: Path): FieldError[] {
  const errors = portNumberErrors(port.port).map((message) => field.invalid(at.child("port"), port.port, message));
  errors.push(...oneOf(port.protocol, protocols, at.child("protocol")));
  errors.push(...targetErrors(port, at.child("targetPort")));
  errors.push(...optionalName(port.appProtocol, qualifiedNameErrors, at.child("appProtocol")));
  if (type === "LoadBalancer" && port.port === kubeletPort) {
    const detail = `may not expose port ${kubeletPort} externally since it is used by kubelet`;
    errors.push(field.invalid(at, port.port, detail));
  }
  if (port.nodePort && (type === "ClusterIP" || isHeadless)) {
    errors.push(field.forbidden(at.child("nodePort"), "may not be used when `type` is 'ClusterIP'"));
  }
  return errors;
}

function targetErrors({ targetPort: target }: ServicePort, at: Path): FieldError[] {
  if (target === undefined) return [];
  const messages = typeof target === "number" ? portNumberErrors(target) : portNameErrors(target);
  return messages.map((message) => field.invalid(at, target, message));
}

function twinErrors(ports: readonly ServicePort[], at: Path): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap(({ port, protocol }, index) => {
    const key = `${protocol}/${port}`;
    const isTwin = seen.has(key);
    seen.add(key);
    return isTwin ? [field.duplicate(at.index(index), { port, protocol })] : [];
  });
}
