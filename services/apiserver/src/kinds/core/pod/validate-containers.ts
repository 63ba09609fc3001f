import type { Container, PodSpec, Volume } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { oneOf, optionalName } from "../../field-rules.ts";
import { validateEnv, validateEnvFrom } from "./container-env.ts";
import { validateMounts } from "./container-mounts.ts";
import { validateHostPorts, validatePorts } from "./container-ports.ts";
import { validateRestarts } from "./container-restarts.ts";
import { forbiddenHandlers, validateHandlers } from "./validate-handlers.ts";
import { validateResources } from "./validate-resources.ts";
import { validateContainerSecurity } from "./validate-security.ts";

const pullPolicies = ["Always", "IfNotPresent", "Never"];
const terminationPolicies = ["File", "FallbackToLogsOnError"];

/** What of a pod its containers refer to. */
export interface PodParts {
  readonly spec: PodSpec;
  /** Volumes that are right in themselves. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claims: ReadonlySet<string>;
}

/** The containers of a pod, which share one space of names and of host ports. */
export function validateContainers(pod: PodParts, at: Path): FieldError[] {
  const { containers, initContainers = [] } = pod.spec;
  return [
    ...mainErrors(containers, pod, at.child("containers")),
    ...initErrors(initContainers, pod, at.child("initContainers")),
  ];
}

function mainErrors(containers: readonly Container[], pod: PodParts, at: Path): FieldError[] {
  if (containers.length === 0) return [field.required(at)];
  const names = new Set<string>();
  const errors = containers.flatMap((container, index) => {
    const path = at.index(index);
    const found = validateContainer(container, pod, path);
    if (names.has(container.name)) found.push(field.duplicate(path.child("name"), container.name));
    names.add(container.name);
    return [...found, ...validateHandlers(container, pod.spec, path)];
  });
  return [...errors, ...validateHostPorts(containers, at)];
}

/** Containers of the start come one after the other, so that only their own ports can stand in each other's way. */
function initErrors(containers: readonly Container[], pod: PodParts, at: Path): FieldError[] {
  const names = new Set(pod.spec.containers.map(({ name }) => name));
  return containers.flatMap((container, index) => {
    const path = at.index(index);
    const errors = validateContainer(container, pod, path);
    if (container.name && names.has(container.name)) errors.push(field.duplicate(path.child("name"), container.name));
    names.add(container.name);
    errors.push(...validateHostPorts([container], at));
    if (container.restartPolicy === "Always") return [...errors, ...validateHandlers(container, pod.spec, path)];
    if (container.resizePolicy?.length) {
      const detail = "must not be set for init containers";
      errors.push(field.invalid(path.child("resizePolicy"), container.resizePolicy, detail));
    }
    return [...errors, ...forbiddenHandlers(container, path)];
  });
}

/** What is asked of every container, whenever it runs. */
function validateContainer(container: Container, { spec, volumes, claims }: PodParts, at: Path): FieldError[] {
  const { name, image } = container;
  return [
    ...(name ? optionalName(name, dns1123LabelErrors, at.child("name")) : [field.required(at.child("name"))]),
    ...(image ? [] : [field.required(at.child("image"))]),
    ...oneOf(container.terminationMessagePolicy, terminationPolicies, at.child("terminationMessagePolicy")),
    ...validatePorts(container.ports ?? [], at.child("ports")),
    ...validateEnv(container.env ?? [], at.child("env")),
    ...validateEnvFrom(container.envFrom ?? [], at.child("envFrom")),
    ...validateMounts(container, volumes, at),
    ...oneOf(container.imagePullPolicy, pullPolicies, at.child("imagePullPolicy")),
    ...validateResources(container.resources, claims, at.child("resources")),
    ...validateRestarts(container, spec.restartPolicy, at),
    ...validateContainerSecurity(container.securityContext, at.child("securityContext")),
  ];
}
