import { allVerbs, defineGroup, partOf, proxyVerbs, type SubresourceDefinition, scale, status } from "../define.ts";

const stream = (name: string, kind: string): SubresourceDefinition => ({ name, kind, verbs: ["create", "get"] });
const all = ["all"];

export const core = defineGroup("", 18000, {
  v1: {
    priority: 1,
    resources: [
      { resource: "bindings", kind: "Binding", scope: "Namespaced", verbs: ["create"] },
      {
        resource: "componentstatuses",
        kind: "ComponentStatus",
        scope: "Cluster",
        shortNames: ["cs"],
        verbs: ["get", "list"],
      },
      { resource: "configmaps", kind: "ConfigMap", scope: "Namespaced", shortNames: ["cm"] },
      { resource: "endpoints", kind: "Endpoints", scope: "Namespaced", shortNames: ["ep"] },
      { resource: "events", kind: "Event", scope: "Namespaced", shortNames: ["ev"] },
      { resource: "limitranges", kind: "LimitRange", scope: "Namespaced", shortNames: ["limits"] },
      {
        resource: "namespaces",
        kind: "Namespace",
        scope: "Cluster",
        shortNames: ["ns"],
        // Deleting all namespaces at once would be an accident.
        verbs: allVerbs.filter((verb) => verb !== "deletecollection"),
        subresources: [{ name: "finalize", verbs: ["update"] }, status],
      },
      {
        resource: "nodes",
        kind: "Node",
        scope: "Cluster",
        shortNames: ["no"],
        subresources: [{ name: "proxy", kind: "NodeProxyOptions", verbs: proxyVerbs }, status],
      },
      {
        resource: "persistentvolumeclaims",
        kind: "PersistentVolumeClaim",
        scope: "Namespaced",
        shortNames: ["pvc"],
        subresources: [status],
      },
      {
        resource: "persistentvolumes",
        kind: "PersistentVolume",
        scope: "Cluster",
        shortNames: ["pv"],
        subresources: [status],
      },
      {
        resource: "pods",
        kind: "Pod",
        scope: "Namespaced",
        shortNames: ["po"],
        categories: all,
        subresources: [
          stream("attach", "PodAttachOptions"),
          { name: "binding", kind: "Binding", verbs: ["create"] },
          partOf("ephemeralcontainers"),
          { name: "eviction", kind: { group: "policy", version: "v1", kind: "Eviction" }, verbs: ["create"] },
          stream("exec", "PodExecOptions"),
          { name: "log", verbs: ["get"] },
          stream("portforward", "PodPortForwardOptions"),
          { name: "proxy", kind: "PodProxyOptions", verbs: proxyVerbs },
          partOf("resize"),
          status,
        ],
      },
      { resource: "podtemplates", kind: "PodTemplate", scope: "Namespaced" },
      {
        resource: "replicationcontrollers",
        kind: "ReplicationController",
        scope: "Namespaced",
        shortNames: ["rc"],
        categories: all,
        subresources: [scale, status],
      },
      {
        resource: "resourcequotas",
        kind: "ResourceQuota",
        scope: "Namespaced",
        shortNames: ["quota"],
        subresources: [status],
      },
      { resource: "secrets", kind: "Secret", scope: "Namespaced" },
      {
        resource: "serviceaccounts",
        kind: "ServiceAccount",
        scope: "Namespaced",
        shortNames: ["sa"],
        subresources: [
          {
            name: "token",
            kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
            verbs: ["create"],
          },
        ],
      },
      {
        resource: "services",
        kind: "Service",
        scope: "Namespaced",
        shortNames: ["svc"],
        categories: all,
        subresources: [{ name: "proxy", kind: "ServiceProxyOptions", verbs: proxyVerbs }, status],
      },
    ],
  },
});
