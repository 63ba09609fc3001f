import type { Container, ContainerPort } from "@tskube/api";
import { type FieldError, field, type Path, portNameErrors, portNumberErrors } from "@tskube/apimachinery";
import { oneOf } from "../../field-rules.ts";

const protocols = ["SCTP", "TCP", "UDP"];

export function validatePorts(ports: readonly ContainerPort[], at: Path): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const path = at.index(index);
    const errors: FieldError[] = [];
    if (port.name) {
      const messages = portNameErrors(port.name);
      errors.push(...messages.map((message) => field.invalid(path.child("name"), port.name, message)));
      if (messages.length === 0 && names.has(port.name)) errors.push(field.duplicate(path.child("name"), port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(field.required(path.child("containerPort")));
    else errors.push(...portErrors(port.containerPort, path.child("containerPort")));
    if (port.hostPort) errors.push(...portErrors(port.hostPort, path.child("hostPort")));
    return [...errors, ...oneOf(port.protocol, protocols, path.child("protocol"))];
  });
}

function portErrors(port: number, at: Path): FieldError[] {
  return portNumberErrors(port).map((message) => field.invalid(at, port, message));
}

/** Containers that run side by side cannot have the same port of the host. */
export function validateHostPorts(containers: readonly Container[], at: Path): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap(({ hostPort, hostIP, protocol }, portIndex) => {
      if (!hostPort) return [];
      const key = `${protocol}/${hostIP ?? ""}/${hostPort}`;
      if (!taken.has(key)) {
        taken.add(key);
        return [];
      }
      return [field.duplicate(at.index(index).child("ports").index(portIndex).child("hostPort"), key)];
    }),
  );
}
