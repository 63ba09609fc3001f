import type { GroupVersion, ScalarName, TypeName } from "@tskube/apimachinery";

/** Where upstream keeps the Go packages of groups that are not under `k8s.io/api`. */
const packages: Readonly<Record<string, string>> = {
  meta: "io.k8s.apimachinery.pkg.apis.meta",
  "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
  "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
  "metrics.k8s.io": "io.k8s.metrics.pkg.apis.metrics",
  "custom.metrics.k8s.io": "io.k8s.metrics.pkg.apis.custom_metrics",
  "external.metrics.k8s.io": "io.k8s.metrics.pkg.apis.external_metrics",
};

/** The name of a type's definition: `core/v1.Pod` is `io.k8s.api.core.v1.Pod`. */
export function definitionName(type: TypeName): string {
  const slash = type.indexOf("/");
  const group = type.slice(0, slash);
  const prefix = packages[group] ?? `io.k8s.api.${group.split(".")[0]}`;
  return `${prefix}.${type.slice(slash + 1)}`;
}

/** Definitions of scalars that have one of their own. */
export const scalarDefinitions: Readonly<Partial<Record<ScalarName, string>>> = {
  Time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
  MicroTime: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
  Duration: "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  RawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
  FieldsV1: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
  JSON: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
};

/** Where a group version is served and its document found: `api/v1`, `apis/apps/v1`. */
export function groupVersionPath({ group, version }: GroupVersion): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}
