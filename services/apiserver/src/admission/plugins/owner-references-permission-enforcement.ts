import type { KubeObject } from "@tskube/api";
import { deepEqual } from "@tskube/apimachinery";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

/** Whoever changes an object's owners hands it to the garbage collector, which takes the right to delete it. */
export function ownerReferencesPermissionEnforcement({ authorizer }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "OwnerReferencesPermissionEnforcement",
    handles: ({ operation }) => operation === "CREATE" || operation === "UPDATE",
    async validate(attributes) {
      const { object, oldObject, user, group, version, resource, subresource, namespace, name } = attributes;
      if (deepEqual(owners(object), owners(oldObject))) return;
      const decision = await authorizer.authorize({
        user,
        verb: "delete",
        group,
        version,
        resource,
        subresource,
        namespace,
        name,
        isResource: true,
        path: "",
      });
      if (decision.allowed) return;
      throw refuse(attributes, `cannot set an ownerRef on a resource you can't delete: ${decision.reason}`);
    },
  };
}

function owners(object: KubeObject | undefined) {
  return object?.metadata.ownerReferences ?? [];
}
