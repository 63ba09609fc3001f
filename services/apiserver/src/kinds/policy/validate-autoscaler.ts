import type { HorizontalPodAutoscaler } from "@tskube/api";
import { type FieldError, field, Path, pathSegmentNameErrors } from "@tskube/apimachinery";
import { optionalName } from "../field-rules.ts";

type Spec = NonNullable<HorizontalPodAutoscaler["spec"]>;
type Metric = NonNullable<Spec["metrics"]>[number];

const specPath = Path.of("spec");
/** Each type of metric has its details under a name of its own. */
const sources = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  if (!spec) return [];
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [] } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(field.invalid(specPath.child("minReplicas"), minReplicas, "must be greater than or equal to 1"));
  }
  if (maxReplicas < 1) errors.push(field.invalid(specPath.child("maxReplicas"), maxReplicas, "must be greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = "must be greater than or equal to `minReplicas`";
    errors.push(field.invalid(specPath.child("maxReplicas"), maxReplicas, detail));
  }
  for (const name of ["kind", "name"] as const) {
    const path = specPath.child("scaleTargetRef", name);
    if (!scaleTargetRef[name]) errors.push(field.required(path));
    else errors.push(...optionalName(scaleTargetRef[name], pathSegmentNameErrors, path));
  }
  return [
    ...errors,
    ...metrics.flatMap((metric, index) => metricErrors(metric, specPath.child("metrics").index(index))),
  ];
}

function metricErrors(metric: Metric, at: Path): FieldError[] {
  if (!metric.type) return [field.required(at.child("type"), "must specify a metric source type")];
  if (!Object.hasOwn(sources, metric.type)) {
    return [field.notSupported(at.child("type"), metric.type, Object.keys(sources))];
  }
  const wanted = sources[metric.type as keyof typeof sources];
  const given = Object.values(sources).filter((name) => metric[name] !== undefined);
  if (!metric[wanted]) {
    return [field.required(at.child(wanted), "must populate information for the given metric source")];
  }
  return given
    .filter((name) => name !== wanted)
    .map((name) => field.forbidden(at.child(name), "must populate the given metric source only"));
}
