import type { EphemeralContainer } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";
import { validateEnv, validateEnvFrom } from "./container-env.ts";
import { validateMounts } from "./container-mounts.ts";
import type { PodParts } from "./validate-containers.ts";
import { validateContainerSecurity } from "./validate-security.ts";

/** What a container that is only for looking into a pod cannot have: it is never restarted, probed or counted. */
const forbidden = ["lifecycle", "livenessProbe", "ports", "readinessProbe", "resizePolicy", "startupProbe"] as const;
const pullPolicies = ["Always", "IfNotPresent", "Never"];
const terminationPolicies = ["File", "FallbackToLogsOnError"];

/** Containers that were added to a running pod. */
export function validateEphemeral(pod: PodParts, at: Path): FieldError[] {
  const { spec } = pod;
  const others = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const path = at.child("ephemeralContainers").index(index);
    const { name, targetContainerName: target } = container;
    const errors = commonErrors(container, pod, path);
    if (names.has(name)) errors.push(field.duplicate(path.child("name"), name));
    names.add(name);
    if (target && !others.has(target)) errors.push(field.notFound(path.child("targetContainerName"), target));
    return [...errors, ...forbiddenErrors(container, path)];
  });
}

function commonErrors(container: EphemeralContainer, { volumes }: PodParts, at: Path): FieldError[] {
  const { name, image } = container;
  return [
    ...(name ? optionalName(name, dns1123LabelErrors, at.child("name")) : [field.required(at.child("name"))]),
    ...(image ? [] : [field.required(at.child("image"))]),
    ...oneOf(container.terminationMessagePolicy, terminationPolicies, at.child("terminationMessagePolicy")),
    ...validateEnv(container.env ?? [], at.child("env")),
    ...validateEnvFrom(container.envFrom ?? [], at.child("envFrom")),
    ...validateMounts(container, volumes, at),
    ...oneOf(container.imagePullPolicy, pullPolicies, at.child("imagePullPolicy")),
    ...validateContainerSecurity(container.securityContext, at.child("securityContext")),
  ];
}

function forbiddenErrors(container: EphemeralContainer, at: Path): FieldError[] {
  const cannot = (name: string) => field.forbidden(at.child(name), "cannot be set for an Ephemeral Container");
  const errors = forbidden.filter((name) => container[name] !== undefined).map(cannot);
  const { requests = {}, limits = {} } = container.resources ?? {};
  if (Object.keys({ ...requests, ...limits }).length > 0) errors.push(cannot("resources"));
  const mountsAt = at.child("volumeMounts");
  const subPaths = (container.volumeMounts ?? []).flatMap((mount, index) =>
    (["subPath", "subPathExpr"] as const)
      .filter((name) => mount[name])
      .map((name) => field.forbidden(mountsAt.index(index).child(name), "cannot be set for an Ephemeral Container")),
  );
  return [...errors, ...subPaths];
}
