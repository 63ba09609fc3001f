import type { Namespace } from "@tskube/api";

/** The namespaces that exist in every cluster. */
export const systemNamespaces: readonly Namespace[] = ["default", "kube-node-lease", "kube-public", "kube-system"].map(
  (name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
);
