import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from "../generated/autoscaling/v1.ts";
import type { HorizontalPodAutoscaler, HPAScalingRules } from "../generated/autoscaling/v2.ts";
import type { DefaultsByType } from "./defaults-by-type.ts";

export const autoscalingDefaults: DefaultsByType = {
  "autoscaling/v1.HorizontalPodAutoscaler": ({ spec }: HorizontalPodAutoscalerV1) => {
    spec.minReplicas ??= 1;
  },
  "autoscaling/v2.HorizontalPodAutoscaler": defaultAutoscaler,
};

const cpuUtilization = 80;

/** Up at once, by four pods or by as many again every 15 seconds, whichever is more. */
const scaleUp: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};

/** Down to anything; how long to wait first is the controller manager's flag unless the object says so. */
const scaleDown: HPAScalingRules = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics?.length ?? 0) === 0) {
    const target = { type: "Utilization", averageUtilization: cpuUtilization };
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = withRules(scaleUp, spec.behavior.scaleUp);
  spec.behavior.scaleDown = withRules(scaleDown, spec.behavior.scaleDown);
}

function withRules(defaults: HPAScalingRules, given: HPAScalingRules | undefined): HPAScalingRules {
  return { ...structuredClone(defaults), ...given };
}
