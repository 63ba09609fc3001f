import type { HorizontalPodAutoscaler } from "@tskube/api";

type Spec = NonNullable<NonNullable<HorizontalPodAutoscaler["spec"]>["metrics"]>[number];
type Status = NonNullable<NonNullable<HorizontalPodAutoscaler["status"]>["currentMetrics"]>[number];
type Current = NonNullable<Status["resource"]>["current"];
type Target = NonNullable<Spec["resource"]>["target"];

const maxShown = 2;
const unknown = "<unknown>";

/** Present and wanted values of an autoscaler's metrics, as kubectl shows them: `cpu: 20%/80%`. */
export function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const texts = metrics.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
  const shown = texts.slice(0, maxShown).join(", ");
  return texts.length > maxShown ? `${shown} + ${texts.length - maxShown} more...` : shown;
}

function metricText(metric: Spec, status: Status | undefined): string {
  switch (metric.type) {
    case "External":
      return valueText(metric.external?.target, status?.external?.current);
    case "Object":
      return valueText(metric.object?.target, status?.object?.current);
    case "Pods":
      return `${status?.pods?.current.averageValue ?? unknown}/${metric.pods?.target.averageValue ?? ""}`;
    case "Resource":
      return resourceText(metric.resource, status?.resource?.current);
    case "ContainerResource":
      return resourceText(metric.containerResource, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

function valueText(target: Target | undefined, current: Current | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current?.value ?? unknown}/${target?.value ?? ""}`;
}

function resourceText(
  source: { readonly name: string; readonly target: Target } | undefined,
  current: Current | undefined,
): string {
  if (!source) return unknown;
  const { name, target } = source;
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`;
  const percent = (share: number | undefined, absent: string) => (share === undefined ? absent : `${share}%`);
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, "<auto>")}`;
}
