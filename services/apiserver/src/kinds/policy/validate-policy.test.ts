import type { HorizontalPodAutoscaler, Lease, PodDisruptionBudget, RuntimeClass } from "@tskube/api";
import { expect } from "chai";
import { checkCases, completed } from "../testing/errors-of.ts";
import { metricsText } from "./autoscaler-text.ts";
import { validateAutoscaler } from "./validate-autoscaler.ts";
import { validateRuntimeClass } from "./validate-classes.ts";
import { validateDisruptionBudgetStatus } from "./validate-disruption-budget.ts";
import { validateLease } from "./validate-lease.ts";

const autoscaler = ["autoscaling/v2", "HorizontalPodAutoscaler"] as const;
const scaling = (spec: object) => ({
  spec: { scaleTargetRef: { kind: "Deployment", name: "d" }, maxReplicas: 3, ...spec },
});
const metric = (one: object) => scaling({ metrics: [one] });
const at = "spec.metrics[0]";

describe("an autoscaler", () => {
  checkCases<HorizontalPodAutoscaler>(autoscaler, validateAutoscaler, [
    ["watches the processor if nothing is said", scaling({}), []],
    [
      "watches what its type says",
      metric({ type: "Pods", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }),
      [`${at}.pods: Required value: must populate information for the given metric source`],
    ],
    [
      "watches one thing at a time",
      metric({
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        external: { metric: { name: "m" }, target: { type: "Value", value: "1" } },
      }),
      [`${at}.external: Forbidden: must populate the given metric source only`],
    ],
    [
      "has one target for a resource",
      metric({ type: "Resource", resource: { name: "", target: { type: "Utilization" } } }),
      [
        `${at}.resource.name: Required value: must specify a resource name`,
        `${at}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
      ],
    ],
    [
      "wants targets above zero, of a known type",
      metric({ type: "External", external: { metric: {}, target: { type: "Most", value: "0", averageValue: "1" } } }),
      [
        `${at}.external.metric.name: Required value: must specify a metric name`,
        `${at}.external.target.type: Invalid value: "Most": must be either Utilization, Value, or AverageValue`,
        `${at}.external.target.value: Invalid value: "0": must be positive`,
        `${at}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target value`,
      ],
    ],
    [
      "wants an average of pods",
      metric({ type: "Pods", pods: { metric: { name: "m" }, target: { type: "AverageValue" } } }),
      [`${at}.pods.target.averageValue: Required value: must specify a positive target averageValue`],
    ],
    [
      "moves by rules that can be followed",
      scaling({
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 4000 },
          scaleDown: { selectPolicy: "Most", policies: [{ type: "Pods", value: 0, periodSeconds: 2000 }] },
        },
      }),
      [
        "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600",
        'spec.behavior.scaleDown.selectPolicy: Unsupported value: "Most": supported values: "Disabled", "Max", "Min"',
        "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800",
      ],
    ],
  ]);

  it("shows two of its metrics, present and wanted", () => {
    const target = { type: "Utilization", averageUtilization: 80 };
    const shown = completed<HorizontalPodAutoscaler>(...autoscaler, {
      ...scaling({
        metrics: [
          { type: "Resource", resource: { name: "cpu", target } },
          {
            type: "External",
            external: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "10" } },
          },
          { type: "Resource", resource: { name: "memory", target } },
        ],
      }),
      status: {
        currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 20 } } }],
      },
    });
    expect(metricsText(shown)).to.equal("cpu: 20%/80%, <unknown>/10 (avg) + 1 more...");
  });
});

describe("a budget's status", () => {
  checkCases<PodDisruptionBudget>(["policy/v1", "PodDisruptionBudget"], validateDisruptionBudgetStatus, [
    [
      "counts nothing below zero",
      { status: { disruptionsAllowed: -1, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } },
      ["status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ]);
});

describe("a runtime class", () => {
  checkCases<RuntimeClass>(["node.k8s.io/v1", "RuntimeClass"], validateRuntimeClass, [
    [
      "costs what pods can have",
      { handler: "h", overhead: { podFixed: { gpu: "1" } }, scheduling: { nodeSelector: { a: "-" } } },
      [
        'overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        "scheduling.nodeSelector: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ],
    ],
  ]);
});

describe("a lease", () => {
  checkCases<Lease>(["coordination.k8s.io/v1", "Lease"], validateLease, [
    [
      "lasts, and prefers a holder only by a strategy",
      { spec: { leaseDurationSeconds: 0, preferredHolder: "a" } },
      [
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
        "spec.preferredHolder: Forbidden: may only be specified when `strategy` is defined",
      ],
    ],
  ]);
});
