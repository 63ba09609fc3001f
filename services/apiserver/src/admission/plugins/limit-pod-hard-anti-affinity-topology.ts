import type { Pod } from "@tskube/api";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

const hostname = "kubernetes.io/hostname";

/** Pods may keep others away from their node, and not from a whole zone. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: "LimitPodHardAntiAffinityTopology",
  handles: writesTo("pods", "CREATE", "UPDATE"),
  validate(attributes) {
    const { affinity } = objectOf<Pod>(attributes).spec;
    const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wrong = terms.find(({ topologyKey }) => topologyKey !== hostname);
    if (!wrong) return;
    const what = "affinity.PodAntiAffinity.RequiredDuringScheduling";
    throw refuse(attributes, `${what} has TopologyKey ${wrong.topologyKey} but only key ${hostname} is allowed`);
  },
};
