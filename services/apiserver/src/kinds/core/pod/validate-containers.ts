import type { Container, ContainerPort, EnvVar, PodSpec, VolumeMount } from "@tskube/api";
import {
  dns1123LabelErrors,
  type FieldError,
  field,
  type Path,
  portNameErrors,
  portNumberErrors,
  relaxedEnvVarNameErrors,
} from "@tskube/apimachinery";
import { validateHandlers } from "./validate-handlers.ts";
import { validateResources } from "./validate-resources.ts";
import { validateContainerSecurity } from "./validate-security.ts";

const pullPolicies = ["Always", "IfNotPresent", "Never"];
const terminationPolicies = ["File", "FallbackToLogsOnError"];
const protocols = ["SCTP", "TCP", "UDP"];
const propagations = ["Bidirectional", "HostToContainer", "None"];

/** All containers of a pod, which share one space of names and of host ports. */
export function validateContainers(spec: PodSpec, volumes: ReadonlySet<string>, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.containers.length === 0) errors.push(field.required(at.child("containers")));
  const names = new Set<string>();
  const each = (containers: readonly Container[], path: Path, isInit: boolean) => {
    for (const [index, container] of containers.entries()) {
      errors.push(...validateContainer(container, volumes, names, path.index(index), isInit));
      names.add(container.name);
    }
  };
  each(spec.containers, at.child("containers"), false);
  each(spec.initContainers ?? [], at.child("initContainers"), true);
  return [...errors, ...validateHostPorts(spec.containers, at.child("containers"))];
}

function validateContainer(
  container: Container,
  volumes: ReadonlySet<string>,
  names: ReadonlySet<string>,
  at: Path,
  isInit: boolean,
): FieldError[] {
  const isSidecar = isInit && container.restartPolicy === "Always";
  return [
    ...validateName(container.name, names, at.child("name")),
    ...validateImage(container.image, at.child("image")),
    ...oneOf(container.imagePullPolicy, pullPolicies, at.child("imagePullPolicy")),
    ...oneOf(container.terminationMessagePolicy, terminationPolicies, at.child("terminationMessagePolicy")),
    ...validatePorts(container.ports ?? [], at.child("ports")),
    ...(container.env ?? []).flatMap((one, index) => validateEnv(one, at.child("env").index(index))),
    ...(container.envFrom ?? []).flatMap(({ configMapRef, secretRef }, index) =>
      configMapRef || secretRef
        ? []
        : [field.invalid(at.child("envFrom").index(index), "", "must specify one of: `configMapRef` or `secretRef`")],
    ),
    ...validateMounts(container.volumeMounts ?? [], volumes, at.child("volumeMounts")),
    ...validateResources(container.resources, at.child("resources")),
    ...validateContainerSecurity(container.securityContext, at.child("securityContext")),
    ...validateHandlers(container, at, isInit && !isSidecar),
  ];
}

function validateName(name: string, seen: ReadonlySet<string>, at: Path): FieldError[] {
  if (!name) return [field.required(at)];
  const errors = dns1123LabelErrors(name).map((message) => field.invalid(at, name, message));
  if (seen.has(name)) errors.push(field.duplicate(at, name));
  return errors;
}

function validateImage(image: string | undefined, at: Path): FieldError[] {
  if (!image) return [field.required(at)];
  return image.trim() === image ? [] : [field.invalid(at, image, "must not have leading or trailing whitespace")];
}

function oneOf(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (!value) return [field.required(at)];
  return allowed.includes(value) ? [] : [field.notSupported(at, value, allowed)];
}

function validatePorts(ports: readonly ContainerPort[], at: Path): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const path = at.index(index);
    const errors: FieldError[] = [];
    if (port.name) {
      errors.push(...portNameErrors(port.name).map((message) => field.invalid(path.child("name"), port.name, message)));
      if (names.has(port.name)) errors.push(field.duplicate(path.child("name"), port.name));
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

/** Two containers of a pod cannot have the same port of the host. */
function validateHostPorts(containers: readonly Container[], at: Path): FieldError[] {
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

function validateEnv({ name, value, valueFrom }: EnvVar, at: Path): FieldError[] {
  const errors = name
    ? relaxedEnvVarNameErrors(name).map((message) => field.invalid(at.child("name"), name, message))
    : [field.required(at.child("name"))];
  if (!valueFrom) return errors;
  const sources = Object.values(valueFrom).filter((source) => source !== undefined).length;
  const path = at.child("valueFrom");
  if (value) errors.push(field.invalid(path, "", "may not be specified when `value` is not empty"));
  else if (sources === 0) {
    errors.push(
      field.invalid(
        path,
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
      ),
    );
  } else if (sources > 1) {
    errors.push(field.invalid(path, "", "may not have more than one field specified at a time"));
  }
  return errors;
}

function validateMounts(mounts: readonly VolumeMount[], volumes: ReadonlySet<string>, at: Path): FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap((mount, index) => {
    const path = at.index(index);
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(field.required(path.child("name")));
    else if (!volumes.has(mount.name)) errors.push(field.notFound(path.child("name"), mount.name));
    if (!mount.mountPath) errors.push(field.required(path.child("mountPath")));
    if (paths.has(mount.mountPath)) {
      errors.push(field.invalid(path.child("mountPath"), mount.mountPath, "must be unique"));
    }
    paths.add(mount.mountPath);
    if (mount.subPath && mount.subPathExpr) {
      errors.push(
        field.invalid(path.child("subPathExpr"), mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"),
      );
    }
    if (mount.mountPropagation && !propagations.includes(mount.mountPropagation)) {
      errors.push(field.notSupported(path.child("mountPropagation"), mount.mountPropagation, propagations));
    }
    return errors;
  });
}
