import type { Namespace } from "@tskube/api";
import { StatusError } from "@tskube/apimachinery";
import type { AdmissionDeps } from "../deps.ts";
import type { AdmissionAttributes, AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const immortal = new Set(["default", "kube-system", "kube-public"]);
const namespaces = { group: "", resource: "namespaces" };

/** Nothing is made in a namespace that does not exist or is going away, and the system's namespaces stay. */
export function namespaceLifecycle({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    handles: ({ operation, namespace, kind }) => operation !== "CONNECT" && (namespace !== "" || kind === "Namespace"),
    async admit(attributes) {
      const { operation, kind, name, namespace } = attributes;
      if (operation === "DELETE") {
        const isNamespace = kind === "Namespace" && attributes.group === "";
        if (isNamespace && immortal.has(name)) throw refuse(attributes, "this namespace may not be deleted");
        return;
      }
      if (kind === "Namespace" || attributes.group === "authorization.k8s.io") return;
      // One that was made a moment ago may not have reached the cache.
      const found =
        objects.reader<Namespace>(namespaces).get("", namespace) ??
        (await objects.get<Namespace>(namespaces, "", namespace));
      if (operation === "CREATE" && found.status?.phase === "Terminating") throw terminating(attributes);
    },
  };
}

/** Controllers recognise the cause and stop creating there. */
function terminating(attributes: AdmissionAttributes): StatusError {
  const { namespace } = attributes;
  const { status } = refuse(
    attributes,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  return new StatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
