/** What is started with aggregation, under the names that upstream's health checks have for it. */
export const aggregationHooks: readonly string[] = [
  "apiservice-registration-controller",
  "apiservice-status-local-available-controller",
  "apiservice-status-remote-available-controller",
  "apiservice-discovery-controller",
  "apiservice-openapi-controller",
  "apiservice-openapiv3-controller",
  "kube-apiserver-autoregistration",
];
