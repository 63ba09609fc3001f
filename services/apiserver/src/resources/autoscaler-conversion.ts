import type { autoscalingV1, autoscalingV2, KubeObject } from "@tskube/api";

const metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
const behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

type V1 = autoscalingV1.HorizontalPodAutoscaler;
type V2 = autoscalingV2.HorizontalPodAutoscaler;
type Metric = NonNullable<V2["spec"]>["metrics"] extends readonly (infer M)[] | undefined ? M : never;

/** autoscaling/v1 knows one metric, the average use of CPU; the others travel in annotations. */
export function scalerToV1(object: KubeObject): KubeObject {
  const { spec, status, metadata, ...rest } = object as V2;
  const metrics = spec?.metrics ?? [];
  const cpu = metrics.find(isCpuUtilization);
  const others = metrics.filter((metric) => metric !== cpu);
  const annotations = { ...metadata.annotations };
  if (others.length > 0) annotations[metricsAnnotation] = JSON.stringify(others);
  if (spec?.behavior) annotations[behaviorAnnotation] = JSON.stringify(spec.behavior);
  const { metrics: _metrics, behavior: _behavior, ...plain } = spec ?? {};
  const current = status?.currentMetrics?.find(isCurrentCpu)?.resource?.current.averageUtilization;
  const { currentMetrics: _current, conditions: _conditions, ...plainStatus } = status ?? {};
  return {
    ...rest,
    apiVersion: "autoscaling/v1",
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...plain, targetCPUUtilizationPercentage: cpu?.resource?.target.averageUtilization },
    status: { ...plainStatus, currentCPUUtilizationPercentage: current },
  } as unknown as KubeObject;
}

export function scalerFromV1(object: KubeObject): KubeObject {
  const { spec, status, metadata, ...rest } = object as V1;
  const { targetCPUUtilizationPercentage, ...plain } = spec ?? {};
  const { [metricsAnnotation]: others, [behaviorAnnotation]: behavior, ...annotations } = metadata.annotations ?? {};
  const cpu = targetCPUUtilizationPercentage === undefined ? [] : [cpuMetric(targetCPUUtilizationPercentage)];
  const { currentCPUUtilizationPercentage: _current, ...plainStatus } = status ?? {};
  return {
    ...rest,
    apiVersion: "autoscaling/v2",
    metadata: { ...metadata, annotations: Object.keys(annotations).length > 0 ? annotations : undefined },
    spec: { ...plain, metrics: [...cpu, ...parsed<Metric[]>(others, [])], behavior: parsed(behavior, undefined) },
    status: plainStatus,
  } as unknown as KubeObject;
}

function cpuMetric(averageUtilization: number): object {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function isCpuUtilization(metric: { readonly type: string; readonly resource?: unknown }): boolean {
  const resource = metric.resource as { name?: string; target?: { averageUtilization?: number } } | undefined;
  return metric.type === "Resource" && resource?.name === "cpu" && resource.target?.averageUtilization !== undefined;
}

function isCurrentCpu(metric: { readonly type: string; readonly resource?: unknown }): boolean {
  const resource = metric.resource as { name?: string } | undefined;
  return metric.type === "Resource" && resource?.name === "cpu";
}

/** Annotations are free text: what is no JSON counts as absent. */
function parsed<T>(text: string | undefined, absent: T): T {
  if (text === undefined) return absent;
  try {
    return JSON.parse(text) as T;
  } catch {
    return absent;
  }
}
