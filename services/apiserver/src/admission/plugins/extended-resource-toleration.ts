import type { Pod } from "@tskube/api";
import { allContainers, objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

/** Nodes with special hardware are tainted by its name: pods that ask for it tolerate that. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: "ExtendedResourceToleration",
  handles: writesTo("pods", "CREATE", "UPDATE"),
  admit(attributes) {
    const { spec } = objectOf<Pod>(attributes);
    const requested = allContainers(spec).flatMap((container) => Object.keys(container.resources?.requests ?? {}));
    for (const key of [...new Set(requested.filter(isExtended))].sort()) {
      if (spec.tolerations?.some((one) => one.key === key && one.operator === "Exists")) continue;
      spec.tolerations = [...(spec.tolerations ?? []), { key, operator: "Exists" }];
    }
  },
};

/** A name of a domain that is not the project's own. */
function isExtended(name: string): boolean {
  const slash = name.indexOf("/");
  return slash > 0 && !/(^|\.)kubernetes\.io$/.test(name.slice(0, slash)) && !name.startsWith("requests.");
}
