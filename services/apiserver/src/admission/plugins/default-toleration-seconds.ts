import type { Pod, Toleration } from "@tskube/api";
import type { AdmissionOptions } from "../deps.ts";
import { objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

const defaultSeconds = 300;

/** Pods stay on a node that is gone for a while, not for ever: they get tolerations with an end, unless they bring their own. */
export function defaultTolerationSeconds(options: AdmissionOptions): AdmissionPlugin {
  const secondsByTaint: readonly (readonly [string, number])[] = [
    ["node.kubernetes.io/not-ready", options.notReadyTolerationSeconds ?? defaultSeconds],
    ["node.kubernetes.io/unreachable", options.unreachableTolerationSeconds ?? defaultSeconds],
  ];
  return {
    name: "DefaultTolerationSeconds",
    handles: writesTo("pods", "CREATE", "UPDATE"),
    admit(attributes) {
      const { spec } = objectOf<Pod>(attributes);
      for (const [key, tolerationSeconds] of secondsByTaint) {
        if (spec.tolerations?.some((toleration) => tolerates(toleration, key))) continue;
        const toleration: Toleration = { key, operator: "Exists", effect: "NoExecute", tolerationSeconds };
        spec.tolerations = [...(spec.tolerations ?? []), toleration];
      }
    },
  };
}

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === "NoExecute");
}
