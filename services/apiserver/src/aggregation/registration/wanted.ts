import type { apiextensionsV1, GroupInfo } from "@tskube/api";
import type { GroupVersion } from "@tskube/apimachinery";
import { type APIService, type APIServiceSpec, nameOf, ownGroup } from "../api-service/api-service.ts";

type Definition = apiextensionsV1.CustomResourceDefinition;

export const managedLabel = "kube-aggregator.kubernetes.io/automanaged";

/** How long the server minds an APIService of its own: it is brought right once after a start, or always. */
export type Management = "onstart" | "true";

/** Custom resources come behind what is built in; among each other their versions' names decide. */
const customPriorities = { group: 1000, version: 100 } as const;

/** What the server answers for without any definition, by the APIServices' names. */
export function builtInServices(groups: readonly GroupInfo[]): Map<string, APIService> {
  const served = groups
    .filter(({ name }) => name !== ownGroup)
    .flatMap((group) => group.versions.map((version) => ({ group, version })))
    .filter(({ version }) => version.servedByDefault && version.resources.length > 0);
  return byName(
    served.map(({ group, version }) =>
      localService(version, { group: group.priority, version: version.priority }, "onstart"),
    ),
  );
}

/** What definitions make the server answer for. A group's version that is built in is not theirs to register. */
export function customServices(
  definitions: readonly Definition[],
  isBuiltIn: (name: string) => boolean,
): Map<string, APIService> {
  const versions = definitions.flatMap(({ spec }) =>
    spec.versions.filter(({ served }) => served).map(({ name }) => ({ group: spec.group, version: name })),
  );
  const own = versions.filter((version) => version.group !== ownGroup && !isBuiltIn(nameOf(version)));
  return byName(own.map((version) => localService(version, customPriorities, "true")));
}

function byName(services: readonly APIService[]): Map<string, APIService> {
  return new Map(services.map((service) => [service.metadata.name, service]));
}

function localService(
  { group, version }: GroupVersion,
  priorities: { readonly group: number; readonly version: number },
  management: Management,
): APIService {
  const spec: APIServiceSpec = {
    ...(group !== "" && { group }),
    version,
    groupPriorityMinimum: priorities.group,
    versionPriority: priorities.version,
  };
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: nameOf({ group, version }), labels: { [managedLabel]: management } },
    spec,
  };
}
