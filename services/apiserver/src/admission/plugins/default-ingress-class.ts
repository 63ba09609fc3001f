import type { Ingress, IngressClass } from "@tskube/api";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { newestDefault } from "./newest-default.ts";

/** An ingress that names no class, in neither of the two ways, gets the default one. */
export function defaultIngressClass({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "DefaultIngressClass",
    handles: writesTo("ingresses.networking.k8s.io", "CREATE"),
    admit(attributes) {
      const ingress = objectOf<Ingress>(attributes);
      const byAnnotation = ingress.metadata.annotations?.["kubernetes.io/ingress.class"];
      if (ingress.spec?.ingressClassName !== undefined || byAnnotation !== undefined) return;
      const found = newestDefault(
        objects.reader<IngressClass>({ group: "networking.k8s.io", resource: "ingressclasses" }).list(),
        "ingressclass.kubernetes.io/is-default-class",
      );
      if (found) ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name };
    },
  };
}
