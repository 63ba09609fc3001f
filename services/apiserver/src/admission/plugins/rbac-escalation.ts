import { checkEscalation } from "../../auth/rbac/escalation.ts";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionPlugin } from "../plugin.ts";

const group = "rbac.authorization.k8s.io";
const resources = new Set(["roles", "clusterroles", "rolebindings", "clusterrolebindings"]);

/** Nobody gives away rights without holding them. Part of RBAC itself, so that no flag switches it off; does nothing where RBAC is off. */
export function rbacEscalation({ authorizer, rbac }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "RBACEscalation",
    handles: ({ group: ofGroup, resource, operation }) =>
      rbac !== undefined &&
      ofGroup === group &&
      resources.has(resource) &&
      (operation === "CREATE" || operation === "UPDATE"),
    async validate({ user, resource, namespace, name, object, oldObject }) {
      if (!rbac || !object) return;
      const request = { user, resource, namespace, name: name || object.metadata.name, object, oldObject };
      await checkEscalation(request, { index: rbac, authorizer });
    },
  };
}
