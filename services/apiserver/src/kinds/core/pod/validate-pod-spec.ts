import type { PodSpec } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  type Path,
  validateLabels,
} from "@tskube/apimachinery";
import { validateContainers } from "./validate-containers.ts";
import { validatePlacement } from "./validate-placement.ts";
import { validatePodSecurity } from "./validate-security.ts";
import { validateTolerations } from "./validate-tolerations.ts";
import { validateVolumes } from "./validate-volumes.ts";

const restartPolicies = ["Always", "OnFailure", "Never"];
const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/** What is wrong with a pod's spec, alone or in a template. */
export function validatePodSpec(spec: PodSpec, at: Path): FieldError[] {
  const { volumes, errors: volumeErrors } = validateVolumes(spec.volumes ?? [], at.child("volumes"));
  return [
    ...volumeErrors,
    ...validateContainers(spec, volumes, at),
    ...oneOf(spec.restartPolicy, restartPolicies, at.child("restartPolicy")),
    ...oneOf(spec.dnsPolicy, dnsPolicies, at.child("dnsPolicy")),
    ...validateNames(spec, at),
    ...validateSeconds(spec, at),
    ...validateLabels(spec.nodeSelector, at.child("nodeSelector")),
    ...validateTolerations(spec.tolerations ?? [], at.child("tolerations")),
    ...validateHostNetwork(spec, at),
    ...validatePlacement(spec, at),
    ...validatePodSecurity(spec.securityContext, at.child("securityContext")),
  ];
}

/** A required text with few possible values. */
function oneOf(value: string | undefined, allowed: readonly string[], at: Path): FieldError[] {
  if (!value) return [field.required(at)];
  return allowed.includes(value) ? [] : [field.notSupported(at, value, allowed)];
}

function validateNames(spec: PodSpec, at: Path): FieldError[] {
  const check = (name: "serviceAccountName" | "nodeName" | "hostname" | "subdomain" | "priorityClassName") => {
    const value = spec[name];
    if (!value) return [];
    const errorsOf = name === "hostname" || name === "subdomain" ? dns1123LabelErrors : dns1123SubdomainErrors;
    return errorsOf(value).map((message) => field.invalid(at.child(name), value, message));
  };
  const secrets = (spec.imagePullSecrets ?? []).flatMap(({ name }, index) =>
    name ? [] : [field.required(at.child("imagePullSecrets").index(index).child("name"))],
  );
  return [
    ...check("serviceAccountName"),
    ...check("nodeName"),
    ...check("hostname"),
    ...check("subdomain"),
    ...check("priorityClassName"),
    ...secrets,
  ];
}

function validateSeconds(spec: PodSpec, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > 2 ** 31 - 1)) {
    errors.push(
      field.invalid(at.child("activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive"),
    );
  }
  if (grace !== undefined && !Number.isInteger(grace)) {
    errors.push(field.invalid(at.child("terminationGracePeriodSeconds"), grace, "must be an integer"));
  }
  return errors;
}

/** On the host's network a container's port is the host's. */
function validateHostNetwork(spec: PodSpec, at: Path): FieldError[] {
  if (!spec.hostNetwork) return [];
  return spec.containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, at2) => {
      if (port.hostPort === undefined || port.hostPort === port.containerPort) return [];
      const path = at.child("containers").index(index).child("ports").index(at2).child("containerPort");
      return [field.invalid(path, port.containerPort, "must match `hostPort` when `hostNetwork` is true")];
    }),
  );
}
