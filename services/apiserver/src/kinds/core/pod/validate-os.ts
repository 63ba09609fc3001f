import type { Container, PodSecurityContext, PodSpec, SecurityContext } from "@tskube/api";
import { type FieldError, field, type Path } from "@tskube/apimachinery";

const names = ["linux", "windows"];
const notOnWindows = "cannot be set for a windows pod";
const notOnLinux = "windows options cannot be set for a linux pod";

const specFields = ["hostPID", "hostIPC", "shareProcessNamespace"] as const;
const podFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
] as const satisfies readonly (keyof PodSecurityContext)[];
const containerFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const satisfies readonly (keyof SecurityContext)[];

/** What a pod that names its operating system cannot ask of it. */
export function validateOs(spec: PodSpec, at: Path): FieldError[] {
  if (!spec.os) return [];
  const { name } = spec.os;
  if (!name) return [field.required(at.child("os", "name"), "cannot be empty")];
  if (!names.includes(name)) return [field.notSupported(at.child("os"), name, names)];
  return name === "linux" ? linuxErrors(spec, at) : windowsErrors(spec, at);
}

function linuxErrors(spec: PodSpec, at: Path): FieldError[] {
  const own = spec.securityContext?.windowsOptions
    ? [field.forbidden(at.child("securityContext", "windowsOptions"), notOnLinux)]
    : [];
  const ofContainers = containersOf(spec, at).flatMap(([container, path]) =>
    container.securityContext?.windowsOptions
      ? [field.forbidden(path.child("securityContext", "windowsOptions"), notOnLinux)]
      : [],
  );
  return [...own, ...ofContainers];
}

function windowsErrors(spec: PodSpec, at: Path): FieldError[] {
  const forbid = (path: Path) => field.forbidden(path, notOnWindows);
  return [
    ...specFields.filter((name) => spec[name]).map((name) => forbid(at.child(name))),
    ...present(spec.securityContext, podFields).map((name) => forbid(at.child("securityContext", name))),
    ...containersOf(spec, at).flatMap(([container, path]) =>
      present(container.securityContext, containerFields).map((name) => forbid(path.child("securityContext", name))),
    ),
  ];
}

function present<T extends object, K extends keyof T & string>(object: T | undefined, fields: readonly K[]): K[] {
  return fields.filter((name) => {
    const value: unknown = object?.[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
}

function containersOf(spec: PodSpec, at: Path): [Pick<Container, "securityContext">, Path][] {
  return (["containers", "initContainers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index): [Pick<Container, "securityContext">, Path] => [
      container,
      at.child(list).index(index),
    ]),
  );
}
