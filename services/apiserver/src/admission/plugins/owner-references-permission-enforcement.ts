import type { KubeObject } from "@tskube/api";
import { deepEqual, parseGroupVersion } from "@tskube/apimachinery";
import type { Attributes } from "../../auth/authorizer.ts";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

type OwnerReference = NonNullable<KubeObject["metadata"]["ownerReferences"]>[number];

/**
 * Whoever changes an object's owners hands it to the garbage collector, which takes the right to delete it; whoever lets the object hold up its
 * owner's deletion needs the right to set the owner's finalizers.
 */
export function ownerReferencesPermissionEnforcement(deps: AdmissionDeps): AdmissionPlugin {
  const { authorizer } = deps;
  return {
    name: "OwnerReferencesPermissionEnforcement",
    handles: ({ operation, resource, subresource }) =>
      (operation === "CREATE" || operation === "UPDATE") && !(resource === "pods" && subresource === "status"),
    async validate(attributes) {
      const { object, oldObject } = attributes;
      if (deepEqual(owners(object), owners(oldObject))) return;
      const decision = await authorizer.authorize(deletion(attributes));
      if (!decision.allowed) {
        throw refuse(attributes, `cannot set an ownerRef on a resource you can't delete: ${decision.reason}`);
      }
      for (const owner of newlyBlocking(owners(object), owners(oldObject))) {
        await requireFinalizers(owner, attributes, deps);
      }
    },
  };
}

function owners(object: KubeObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? [];
}

/** The owners that the object did not hold up before. */
function newlyBlocking(now: readonly OwnerReference[], before: readonly OwnerReference[]): readonly OwnerReference[] {
  const blocked = new Set(before.filter((owner) => owner.blockOwnerDeletion).map(({ uid }) => uid));
  return now.filter((owner) => owner.blockOwnerDeletion && !blocked.has(owner.uid));
}

function deletion({ user, group, version, resource, subresource, namespace, name }: AdmissionAttributes): Attributes {
  return { user, verb: "delete", group, version, resource, subresource, namespace, name, isResource: true, path: "" };
}

async function requireFinalizers(
  { apiVersion, kind, name }: OwnerReference,
  attributes: AdmissionAttributes,
  { authorizer, findResource }: AdmissionDeps,
): Promise<void> {
  const found = findResource({ ...parseGroupVersion(apiVersion), kind });
  if (!found) {
    const missing = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
    const why = `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: ${missing}`;
    throw refuse(attributes, why);
  }
  const { group, version, resource, namespaced } = found;
  const decision = await authorizer.authorize({
    ...deletion(attributes),
    verb: "update",
    group,
    version,
    resource,
    subresource: "finalizers",
    namespace: namespaced ? attributes.namespace : "",
    name,
  });
  if (decision.allowed) return;
  const why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
  throw refuse(attributes, `${why}: ${decision.reason}`);
}
