import type { PersistentVolumeClaim, StorageClass } from "@tskube/api";
import { compareQuantities, parseQuantity } from "@tskube/apimachinery";
import type { AdmissionDeps } from "../deps.ts";
import { objectOf, oldObjectOf, writesTo } from "../matches.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { refuse } from "../refuse.ts";

/** Claims grow only if they are bound and their class says that its volumes can. */
export function persistentVolumeClaimResize({ objects }: AdmissionDeps): AdmissionPlugin {
  return {
    name: "PersistentVolumeClaimResize",
    handles: writesTo("persistentvolumeclaims", "UPDATE"),
    validate(attributes) {
      const claim = objectOf<PersistentVolumeClaim>(attributes);
      const old = oldObjectOf<PersistentVolumeClaim>(attributes);
      if (!old || !grows(old, claim)) return;
      if (old.status?.phase !== "Bound") {
        throw refuse(attributes, "Only bound persistent volume claims can be expanded");
      }
      const found = objects
        .reader<StorageClass>({ group: "storage.k8s.io", resource: "storageclasses" })
        .get("", old.spec.storageClassName ?? "");
      if (found?.allowVolumeExpansion) return;
      throw refuse(
        attributes,
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
      );
    },
  };
}

function grows(old: PersistentVolumeClaim, claim: PersistentVolumeClaim): boolean {
  const size = (one: PersistentVolumeClaim) => parseQuantity(one.spec.resources?.requests?.storage ?? "0");
  return compareQuantities(size(claim), size(old)) > 0;
}
