import { defineGroup, partOf, type ResourceDefinition, status } from "../define.ts";

const review = (
  resource: string,
  kind: string,
  scope: ResourceDefinition["scope"] = "Cluster",
): ResourceDefinition => ({
  resource,
  kind,
  scope,
  verbs: ["create"],
});

export const authentication = defineGroup("authentication.k8s.io", 17700, {
  v1: { resources: [review("selfsubjectreviews", "SelfSubjectReview"), review("tokenreviews", "TokenReview")] },
});

export const authorization = defineGroup("authorization.k8s.io", 17600, {
  v1: {
    resources: [
      review("localsubjectaccessreviews", "LocalSubjectAccessReview", "Namespaced"),
      review("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
      review("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
      review("subjectaccessreviews", "SubjectAccessReview"),
    ],
  },
});

export const rbac = defineGroup("rbac.authorization.k8s.io", 17000, {
  v1: {
    resources: [
      { resource: "clusterrolebindings", kind: "ClusterRoleBinding", scope: "Cluster" },
      { resource: "clusterroles", kind: "ClusterRole", scope: "Cluster" },
      { resource: "rolebindings", kind: "RoleBinding", scope: "Namespaced" },
      { resource: "roles", kind: "Role", scope: "Namespaced" },
    ],
  },
});

const clusterTrustBundle: ResourceDefinition = {
  resource: "clustertrustbundles",
  kind: "ClusterTrustBundle",
  scope: "Cluster",
  storage: { group: "certificates.k8s.io", version: "v1beta1" },
};

export const certificates = defineGroup("certificates.k8s.io", 17300, {
  v1: {
    resources: [
      {
        resource: "certificatesigningrequests",
        kind: "CertificateSigningRequest",
        scope: "Cluster",
        shortNames: ["csr"],
        subresources: [partOf("approval"), status],
      },
    ],
  },
  v1beta1: {
    priority: 9,
    resources: [
      clusterTrustBundle,
      {
        resource: "podcertificaterequests",
        kind: "PodCertificateRequest",
        scope: "Namespaced",
        subresources: [status],
      },
    ],
  },
  v1alpha1: { priority: 1, resources: [clusterTrustBundle] },
});
