import { stateKey } from "../../framework/cycle-state.ts";
import { action } from "../../framework/events.ts";
import type { PluginDefinition } from "../../framework/handle.ts";
import { labelsOf } from "../../framework/node-info.ts";
import { skip, unresolvable } from "../../framework/status.ts";
import { createStorageView } from "./storage-view.ts";

interface ZoneLabel {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

const zoneKeys: Readonly<Record<string, string>> = {
  "topology.kubernetes.io/zone": "failure-domain.beta.kubernetes.io/zone",
  "topology.kubernetes.io/region": "failure-domain.beta.kubernetes.io/region",
};
/** Between the zones of a volume that is in several. */
const separator = "__";
const labelsKey = stateKey<readonly ZoneLabel[]>("VolumeZone");
const elsewhere = unresolvable("node(s) had no available volume zone");

/** Holds a pod to the zones that its volumes' labels name. */
export const volumeZone: PluginDefinition = {
  name: "VolumeZone",
  create(_args, { informers }) {
    const view = createStorageView(informers);
    return {
      name: "VolumeZone",
      preFilter(state, { claimKeys }) {
        const wanted: ZoneLabel[] = [];
        for (const key of claimKeys) {
          const volume = view.volume(view.claim(key)?.spec.volumeName ?? "");
          for (const [stable, beta] of Object.entries(zoneKeys)) {
            const value = volume?.metadata.labels?.[stable] ?? volume?.metadata.labels?.[beta];
            if (value !== undefined) wanted.push({ key: stable, values: new Set(value.split(separator)) });
          }
        }
        if (wanted.length === 0) return skip;
        state.write(labelsKey, wanted);
        return undefined;
      },
      filter(state, _pod, node) {
        const labels = labelsOf(node);
        for (const { key, values } of state.read(labelsKey) ?? []) {
          const value = labels[key] ?? labels[zoneKeys[key] ?? ""];
          if (value === undefined || !values.has(value)) return elsewhere;
        }
        return undefined;
      },
      eventsToRegister: () => [
        { resource: "StorageClass", actions: action.add },
        { resource: "Node", actions: action.add | action.updateNodeLabel },
        { resource: "PersistentVolumeClaim", actions: action.add | action.update },
        { resource: "PersistentVolume", actions: action.add | action.update },
      ],
    };
  },
};
