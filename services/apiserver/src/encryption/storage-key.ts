import { type ResourceInfo, resources } from "@tskube/api";
import { formatGroupResource } from "@tskube/apimachinery";

/** Where one resource's values stand, and where upstream would keep them. */
export interface Place {
  readonly group: string;
  readonly resource: string;
  /** Values are bound to these keys, so that what upstream wrote can be read and the other way round. */
  upstreamKey(key: string): string;
}

/** Resources that upstream keeps under a name other than their own. */
const upstreamNames: Readonly<Record<string, string>> = {
  replicationcontrollers: "controllers",
  endpoints: "services/endpoints",
  nodes: "minions",
  services: "services/specs",
  "ingresses.networking.k8s.io": "ingress",
  "customresourcedefinitions.apiextensions.k8s.io": "apiextensions.k8s.io/customresourcedefinitions",
  "apiservices.apiregistration.k8s.io": "apiregistration.k8s.io/apiservices",
};

let builtIns: ReadonlySet<string> | undefined;

/**
 * The place of one of our keys or the prefix of some, `/registry/GROUP/RESOURCE/[NAMESPACE/[NAME]]`; undefined for keys that hold no object (claims,
 * leases of servers).
 */
export function placeOf(key: string): Place | undefined {
  const [, root, storedGroup = "", resource = "", rest] = key.split("/", 5);
  if (root !== "registry" || rest === undefined) return undefined;
  const group = storedGroup === "core" ? "" : storedGroup;
  const name = formatGroupResource({ group, resource });
  builtIns ??= new Set(resources.all().map((info: ResourceInfo) => formatGroupResource(info)));
  const isBuiltIn = builtIns.has(name);
  // The group of a custom resource is a DNS name with a dot in it, and no other keys have one in that place.
  if (!isBuiltIn && !group.includes(".")) return undefined;
  const upstreamPrefix = `/registry/${upstreamNames[name] ?? (isBuiltIn ? resource : `${group}/${resource}`)}/`;
  const { length } = `/registry/${storedGroup}/${resource}/`;
  return { group, resource, upstreamKey: (one) => upstreamPrefix + one.slice(length) };
}
