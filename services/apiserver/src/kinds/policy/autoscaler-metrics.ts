import type { HorizontalPodAutoscaler } from "@tskube/api";
import { type FieldError, field, type Path, parseQuantity, pathSegmentNameErrors } from "@tskube/apimachinery";
import { optionalName, optionalSelector } from "../field-rules.ts";
import { referenceErrors } from "./object-reference.ts";

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler["spec"]>["metrics"]>[number];
type Source<K extends "object" | "pods" | "resource" | "containerResource" | "external"> = NonNullable<Metric[K]>;
type Target = Source<"resource">["target"];
type Identifier = Source<"pods">["metric"];

/** Each type of metric has its details under a name of its own. */
const sources = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;
const targetTypes = ["Utilization", "Value", "AverageValue"];

const checks: {
  readonly [K in (typeof sources)[keyof typeof sources]]: (source: Source<K>, at: Path) => FieldError[];
} = {
  object: (source, at) => [
    ...referenceErrors(source.describedObject, at.child("describedObject")),
    ...identifierErrors(source.metric, at.child("metric")),
    ...targetErrors(source.target, at.child("target")),
    ...valueErrors(source.target, at.child("target")),
  ],
  external: (source, at) => [
    ...identifierErrors(source.metric, at.child("metric")),
    ...targetErrors(source.target, at.child("target")),
    ...valueErrors(source.target, at.child("target")),
  ],
  pods: (source, at) => [
    ...identifierErrors(source.metric, at.child("metric")),
    ...targetErrors(source.target, at.child("target")),
    ...(isPositive(source.target.averageValue)
      ? []
      : [field.required(at.child("target", "averageValue"), "must specify a positive target averageValue")]),
  ],
  resource: resourceErrors,
  containerResource: (source, at) => [
    ...(source.container ? [] : [field.required(at.child("container"), "must specify a container")]),
    ...resourceErrors(source, at),
  ],
};

export function validateMetrics(metrics: readonly Metric[], at: Path): FieldError[] {
  return metrics.flatMap((metric, index) => metricErrors(metric, at.index(index)));
}

function metricErrors(metric: Metric, at: Path): FieldError[] {
  if (!metric.type) return [field.required(at.child("type"), "must specify a metric source type")];
  if (!Object.hasOwn(sources, metric.type)) {
    return [field.notSupported(at.child("type"), metric.type, Object.keys(sources))];
  }
  const wanted = sources[metric.type as keyof typeof sources];
  const given = Object.values(sources).filter((name) => metric[name] !== undefined);
  const errors = given.slice(0, 1).flatMap((name) => {
    const check = checks[name] as (source: unknown, at: Path) => FieldError[];
    return check(metric[name], at.child(name));
  });
  if (!metric[wanted]) {
    errors.push(field.required(at.child(wanted), "must populate information for the given metric source"));
  }
  const others = given.length === 1 ? [] : given.filter((name) => name !== wanted);
  const detail = "must populate the given metric source only";
  return [...errors, ...others.map((name) => field.forbidden(at.child(name), detail))];
}

function resourceErrors({ name, target }: Source<"resource">, at: Path): FieldError[] {
  const errors = name ? [] : [field.required(at.child("name"), "must specify a resource name")];
  const targetAt = at.child("target");
  errors.push(...targetErrors(target, targetAt));
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = "must set either a target raw value or a target utilization";
    errors.push(field.required(targetAt.child("averageUtilization"), detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = "may not set both a target raw value and a target utilization";
    errors.push(field.forbidden(targetAt.child("averageValue"), detail));
  }
  return errors;
}

/** Metrics of other things than containers are compared as they are or shared among pods. */
function valueErrors({ value, averageValue }: Target, at: Path): FieldError[] {
  if (value === undefined && averageValue === undefined) {
    const detail = "must set either a target value for metric or a per-pod target value";
    return [field.required(at.child("averageValue"), detail)];
  }
  if (value === undefined || averageValue === undefined) return [];
  return [field.forbidden(at.child("value"), "may not set both a target value for metric and a per-pod target value")];
}

function identifierErrors({ name, selector }: Identifier, at: Path): FieldError[] {
  const nameAt = at.child("name");
  const errors = name
    ? optionalName(name, pathSegmentNameErrors, nameAt)
    : [field.required(nameAt, "must specify a metric name")];
  return [...errors, ...optionalSelector(selector, at.child("selector"))];
}

function targetErrors({ type, value, averageValue, averageUtilization: share }: Target, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!type) errors.push(field.required(at.child("type"), "must specify a metric target type"));
  else if (!targetTypes.includes(type)) {
    errors.push(field.invalid(at.child("type"), type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && !isPositive(amount)) {
      errors.push(field.invalid(at.child(name), amount, "must be positive"));
    }
  }
  if (share !== undefined && share < 1) {
    errors.push(field.invalid(at.child("averageUtilization"), share, "must be greater than 0"));
  }
  return errors;
}

function isPositive(amount: string | undefined): boolean {
  return amount !== undefined && parseQuantity(amount).nanos > 0n;
}
