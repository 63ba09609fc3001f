import type { Node, Pod } from "@tskube/api";
import type { AdmissionDeps } from "../deps.ts";
import { anyOf, objectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";

const topologyLabels = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];
const isBinding = writesTo("pods/binding", "CREATE");

/** Tells pods where they run: a node's zone and region become the pod's labels when it is bound, for the downward API to read. */
export function podTopologyLabels({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "PodTopologyLabels",
    handles: anyOf(isBinding, writesTo("pods", "CREATE")),
    admit(attributes) {
      const { metadata } = objectOf(attributes);
      const nodeName = isBinding(attributes) ? targetOf(attributes.object) : objectOf<Pod>(attributes).spec.nodeName;
      const node = nodeName ? objects.reader<Node>({ group: "", resource: "nodes" }).get("", nodeName) : undefined;
      for (const label of topologyLabels) {
        const value = node?.metadata.labels?.[label];
        if (value !== undefined) metadata.labels = { ...metadata.labels, [label]: value };
      }
    },
  };
}

function targetOf(binding: object | undefined): string | undefined {
  return (binding as { target?: { name?: string } } | undefined)?.target?.name;
}
