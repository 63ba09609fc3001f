import type { Node } from "@tskube/api";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A new node takes no pods before it has reported itself ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  handles: writesTo("nodes", "CREATE"),
  admit(attributes) {
    const node = objectOf<Node>(attributes);
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...notReady }] };
  },
};
