import type { PodSpec } from "@tskube/api";
import { dns1123LabelErrors, type FieldError, field, type Path } from "@tskube/apimachinery";
import { optionalName } from "../../field-rules.ts";

/** What a container that is only for looking into a pod cannot have: it is never restarted, probed or counted. */
const forbidden = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const;

/** Containers that were added to a running pod. */
export function validateEphemeral(spec: PodSpec, at: Path): FieldError[] {
  const others = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  return (spec.ephemeralContainers ?? []).flatMap((container, index) => {
    const path = at.child("ephemeralContainers").index(index);
    const { name, image, targetContainerName } = container;
    const errors = name
      ? optionalName(name, dns1123LabelErrors, path.child("name"))
      : [field.required(path.child("name"))];
    if (names.has(name)) errors.push(field.duplicate(path.child("name"), name));
    names.add(name);
    if (!image) errors.push(field.required(path.child("image")));
    if (targetContainerName && !others.has(targetContainerName)) {
      errors.push(field.notFound(path.child("targetContainerName"), targetContainerName));
    }
    for (const one of forbidden) {
      if (container[one] === undefined) continue;
      errors.push(field.forbidden(path.child(one), "cannot be set for an Ephemeral Container"));
    }
    const { requests = {}, limits = {} } = container.resources ?? {};
    if (Object.keys({ ...requests, ...limits }).length > 0) {
      errors.push(field.forbidden(path.child("resources"), "cannot be set for an Ephemeral Container"));
    }
    return errors;
  });
}
