import type { PodSpec } from "@tskube/api";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  type FieldError,
  field,
  type Path,
  validateLabels,
} from "@tskube/apimachinery";
import { inRange, oneOf, optionalName, optionalOneOf } from "../../field-rules.ts";
import { validatePodResources } from "./pod-resources.ts";
import { validateContainers } from "./validate-containers.ts";
import { validateDns } from "./validate-dns.ts";
import { validateEphemeral } from "./validate-ephemeral.ts";
import { validateGates } from "./validate-gates.ts";
import { validateOs } from "./validate-os.ts";
import { validatePlacement } from "./validate-placement.ts";
import { validateResources } from "./validate-resources.ts";
import { validatePodSecurity } from "./validate-security.ts";
import { validateTolerations } from "./validate-tolerations.ts";
import { validateVolumes } from "./validate-volumes.ts";

const restartPolicies = ["Always", "OnFailure", "Never"];
const preemptionPolicies = ["PreemptLowerPriority", "Never"];
const maxInt32 = 2 ** 31 - 1;

/** What is wrong with a pod's spec, alone or in a template. */
export function validatePodSpec(spec: PodSpec, at: Path): FieldError[] {
  const { volumes, errors: volumeErrors } = validateVolumes(spec.volumes ?? [], at.child("volumes"));
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const parts = { spec, volumes, claims };
  return [
    ...volumeErrors,
    ...validateContainers(parts, at),
    ...validateEphemeral(parts, at),
    ...validatePodResources(spec, at.child("resources")),
    ...oneOf(spec.restartPolicy, restartPolicies, at.child("restartPolicy")),
    ...validateLabels(spec.nodeSelector, at.child("nodeSelector")),
    ...hostNetworkErrors(spec, at),
    ...validatePodSecurity(spec, at.child("securityContext")),
    ...validatePlacement(spec, at),
    ...validateDns(spec, at),
    ...validateGates(spec, at),
    ...hostUsersErrors(spec, at),
    ...nameErrors(spec, at),
    ...inRange(spec.activeDeadlineSeconds, 1, maxInt32, at.child("activeDeadlineSeconds")),
    ...validateTolerations(spec.tolerations ?? [], at.child("tolerations")),
    ...optionalOneOf(spec.preemptionPolicy, preemptionPolicies, at.child("preemptionPolicy")),
    ...validateResources(spec.overhead && { limits: spec.overhead }, new Set(), at.child("overhead")),
    ...validateOs(spec, at),
  ];
}

const names = {
  serviceAccountName: dns1123SubdomainErrors,
  nodeName: dns1123SubdomainErrors,
  hostname: dns1123LabelErrors,
  subdomain: dns1123LabelErrors,
  hostnameOverride: dns1123SubdomainErrors,
  priorityClassName: dns1123SubdomainErrors,
  runtimeClassName: dns1123SubdomainErrors,
} as const satisfies Partial<Record<keyof PodSpec, (name: string) => string[]>>;

function nameErrors(spec: PodSpec, at: Path): FieldError[] {
  return Object.entries(names).flatMap(([name, errorsOf]) =>
    optionalName(spec[name as keyof typeof names], errorsOf, at.child(name)),
  );
}

/** On the host's network a container's port is the host's. */
function hostNetworkErrors(spec: PodSpec, at: Path): FieldError[] {
  if (!spec.hostNetwork) return [];
  return spec.containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, portIndex) => {
      if (port.hostPort === undefined || port.hostPort === port.containerPort) return [];
      const path = at.child("containers").index(index).child("ports").index(portIndex).child("containerPort");
      return [field.invalid(path, port.containerPort, "must match `hostPort` when `hostNetwork` is true")];
    }),
  );
}

const hostNamespaces = { hostNetwork: "HostNetwork", hostPID: "HostPID", hostIPC: "HostIPC" } as const;

/** A pod with users of its own cannot live in the host's namespaces. The fields' names are upstream's. */
function hostUsersErrors(spec: PodSpec, at: Path): FieldError[] {
  if (spec.hostUsers !== false) return [];
  return Object.entries(hostNamespaces).flatMap(([name, shown]) =>
    spec[name as keyof typeof hostNamespaces]
      ? [field.forbidden(at.child(shown), "when `pod.Spec.HostUsers` is false")]
      : [],
  );
}
