import type { KubeObject, ResourceInfo } from "@tskube/api";
import type { AdmissionAttributes, Operation } from "../admission/plugin.ts";
import type { WriteScope } from "./write-scope.ts";

export interface AdmittedWrite {
  readonly operation: Operation;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** The object's own name when absent. */
  readonly name?: string;
}

/** A write of a resource as admission sees it. */
export function attributesOf(info: ResourceInfo, scope: WriteScope, write: AdmittedWrite): AdmissionAttributes {
  const { group, version, resource, kind } = info;
  const { namespace, user, dryRun, options } = scope;
  const { operation, subresource, object, oldObject, name = object?.metadata.name ?? "" } = write;
  return {
    operation,
    group,
    version,
    resource,
    kind,
    requested: scope.requested ?? { group, version },
    subresource,
    namespace,
    name,
    user,
    dryRun,
    object,
    oldObject,
    options,
    warn: (message) => scope.warn(message),
    annotate: (key, value) => scope.annotate(key, value),
  };
}
