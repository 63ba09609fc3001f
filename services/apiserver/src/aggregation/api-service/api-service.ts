import type { apiregistrationV1 } from "@tskube/api";
import type { GroupVersion } from "@tskube/apimachinery";
import type { GroupResource } from "../../registry/objects.ts";

export type APIService = apiregistrationV1.APIService;
export type APIServiceSpec = apiregistrationV1.APIServiceSpec;

export const apiServices: GroupResource = { group: "apiregistration.k8s.io", resource: "apiservices" };

/** The group of the APIServices themselves. It is always this server's own: no APIService stands for it or can take it away. */
export const ownGroup = apiServices.group;

/** Where an extension server is reached. */
export interface ServiceTarget {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

const defaultPort = 443;

export function nameOf({ group, version }: GroupVersion): string {
  return `${version}.${group}`;
}

/** The service that answers for the group's version; undefined for one that this server answers for. */
export function serviceOf({ spec }: APIService): ServiceTarget | undefined {
  if (!spec.service) return undefined;
  const { namespace = "", name = "", port = defaultPort } = spec.service;
  return { namespace, name, port };
}

/** Where the resources of a group's version are: `/apis/GROUP/VERSION`, `/api/v1` for the core group. */
export function pathOf({ group = "", version = "" }: { readonly group?: string; readonly version?: string }): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
