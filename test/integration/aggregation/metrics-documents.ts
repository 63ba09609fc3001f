/** What a metrics server answers, by path. */

export const metricsGroup = "metrics.k8s.io";

const groupVersion = `${metricsGroup}/v1beta1`;
const base = `/apis/${groupVersion}`;
const times = { timestamp: "2026-01-01T00:00:00Z", window: "15s" };

function resource(name: string, kind: string, namespaced: boolean) {
  return { name, singularName: "", namespaced, kind, verbs: ["get", "list"] };
}

function list(kind: string, items: readonly object[]) {
  return { kind, apiVersion: groupVersion, metadata: {}, items };
}

const node = { metadata: { name: "n1" }, ...times, usage: { cpu: "250m", memory: "512Mi" } };
const pod = {
  metadata: { name: "web", namespace: "default" },
  ...times,
  containers: [{ name: "web", usage: { cpu: "100m", memory: "64Mi" } }],
};

export const metricsDocuments = {
  [base]: {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: [resource("nodes", "NodeMetrics", false), resource("pods", "PodMetrics", true)],
  },
  [`${base}/nodes`]: list("NodeMetricsList", [node]),
  [`${base}/pods`]: list("PodMetricsList", [pod]),
};
