import type { KubeObject } from "@tskube/api";
import { type GroupVersion, parseGroupVersion } from "@tskube/apimachinery";
import type { AdmissionAttributes } from "../plugin.ts";
import type { ServedVersion } from "../served-version.ts";

/** A write as those see it who want it in a certain version. */
export interface ShownWrite {
  readonly attributes: AdmissionAttributes;
  readonly version: ServedVersion;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/** Shows a write as it is now in `version`. */
export async function showWrite(attributes: AdmissionAttributes, version: ServedVersion): Promise<ShownWrite> {
  const { object, oldObject } = attributes;
  // A subresource's own kind (Eviction, Binding) has one version only.
  const show = (one: KubeObject | undefined) => (one && one.kind === version.kind ? version.show(one) : one);
  return {
    attributes,
    version,
    object: await show(object),
    oldObject: await show(oldObject),
  };
}

/** `admission.k8s.io` AdmissionRequest without its uid and objects. */
export function admissionRequest(write: ShownWrite) {
  const { attributes, version } = write;
  const { subresource, requested, user } = attributes;
  const shown = { group: version.group, version: version.version };
  const asked = { group: requested.group, version: requested.version };
  return {
    kind: { ...(groupVersionOfObject(write) ?? shown), kind: version.kind },
    resource: { ...shown, resource: version.resource },
    ...(subresource && { subResource: subresource }),
    requestKind: { ...(groupVersionOfObject(write) ?? asked), kind: attributes.kind },
    requestResource: { ...asked, resource: attributes.resource },
    ...(subresource && { requestSubResource: subresource }),
    ...(attributes.name && { name: attributes.name }),
    ...(attributes.namespace && { namespace: attributes.namespace }),
    operation: attributes.operation,
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    dryRun: attributes.dryRun,
    options: optionsOf(attributes),
  };
}

/** Where the objects of a subresource's own kind come from; undefined for objects of the resource's kind. */
function groupVersionOfObject({ version, object, oldObject }: ShownWrite): GroupVersion | undefined {
  const { apiVersion } = object ?? oldObject ?? {};
  return version.isSubresourceKind && apiVersion ? parseGroupVersion(apiVersion) : undefined;
}

/** Options of what is done, whatever the client asked for: a patch is an update, or a create of what did not exist. */
function optionsOf({ operation, options }: AdmissionAttributes): Readonly<Record<string, unknown>> | null {
  if (operation === "CONNECT" || Object.keys(options).length === 0) return null;
  if (operation === "DELETE") return options;
  const { force: _, ...rest } = options;
  return { ...rest, kind: operation === "CREATE" ? "CreateOptions" : "UpdateOptions" };
}
