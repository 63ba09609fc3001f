import type { Pod } from "@tskube/api";
import { allContainers, anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

/** Every start of a container asks the registry, so that nobody runs a private image just because a node has it. */
export const alwaysPullImages: AdmissionPlugin = {
  name: "AlwaysPullImages",
  handles: anyOf(writesTo("pods", "CREATE", "UPDATE"), writesTo("pods/ephemeralcontainers", "UPDATE")),
  admit(attributes) {
    for (const container of allContainers(objectOf<Pod>(attributes).spec)) container.imagePullPolicy = "Always";
  },
};
