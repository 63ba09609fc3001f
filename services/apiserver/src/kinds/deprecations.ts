import type { ResourceInfo } from "@tskube/api";

const warnings: Readonly<Record<string, string>> = {
  "v1/endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};

/** What clients of a resource are told with every answer when there is something better to use. */
export function deprecationWarning({ group, version, resource }: ResourceInfo): string | undefined {
  return warnings[group === "" ? `${version}/${resource}` : `${group}/${version}/${resource}`];
}
