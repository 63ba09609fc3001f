import { defineGroup, type ResourceDefinition, scale, status } from "../define.ts";

const all = ["all"];

export const apps = defineGroup("apps", 17800, {
  v1: {
    resources: [
      { resource: "controllerrevisions", kind: "ControllerRevision", scope: "Namespaced" },
      {
        resource: "daemonsets",
        kind: "DaemonSet",
        scope: "Namespaced",
        shortNames: ["ds"],
        categories: all,
        subresources: [status],
      },
      {
        resource: "deployments",
        kind: "Deployment",
        scope: "Namespaced",
        shortNames: ["deploy"],
        categories: all,
        subresources: [scale, status],
      },
      {
        resource: "replicasets",
        kind: "ReplicaSet",
        scope: "Namespaced",
        shortNames: ["rs"],
        categories: all,
        subresources: [scale, status],
      },
      {
        resource: "statefulsets",
        kind: "StatefulSet",
        scope: "Namespaced",
        shortNames: ["sts"],
        categories: all,
        subresources: [scale, status],
      },
    ],
  },
});

const horizontalPodAutoscaler: ResourceDefinition = {
  resource: "horizontalpodautoscalers",
  kind: "HorizontalPodAutoscaler",
  scope: "Namespaced",
  shortNames: ["hpa"],
  categories: all,
  subresources: [status],
  storage: { group: "autoscaling", version: "v2" },
};

export const autoscaling = defineGroup("autoscaling", 17500, {
  v2: { priority: 30, resources: [horizontalPodAutoscaler] },
  v1: { resources: [horizontalPodAutoscaler] },
});

export const batch = defineGroup("batch", 17400, {
  v1: {
    resources: [
      {
        resource: "cronjobs",
        kind: "CronJob",
        scope: "Namespaced",
        shortNames: ["cj"],
        categories: all,
        subresources: [status],
      },
      { resource: "jobs", kind: "Job", scope: "Namespaced", categories: all, subresources: [status] },
    ],
  },
});

export const policy = defineGroup("policy", 17100, {
  v1: {
    resources: [
      {
        resource: "poddisruptionbudgets",
        kind: "PodDisruptionBudget",
        scope: "Namespaced",
        shortNames: ["pdb"],
        subresources: [status],
      },
    ],
  },
});

export const scheduling = defineGroup("scheduling.k8s.io", 16600, {
  v1: { resources: [{ resource: "priorityclasses", kind: "PriorityClass", scope: "Cluster", shortNames: ["pc"] }] },
  v1alpha1: { priority: 1, resources: [{ resource: "workloads", kind: "Workload", scope: "Namespaced" }] },
});

export const events = defineGroup("events.k8s.io", 17750, {
  v1: {
    resources: [
      {
        resource: "events",
        kind: "Event",
        scope: "Namespaced",
        shortNames: ["ev"],
        // The same objects as the core group's events.
        storage: { group: "", version: "v1" },
      },
    ],
  },
});
